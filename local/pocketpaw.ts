import { apiRoutes, inboundWebhookRoute, PAGE_ROUTES, WEBHOOK_ROUTES } from "../deploy/routes.js";
import type { Cors } from "./front/cors.ts";

/** The settings that deploy/parameters.js checked, as far as a laptop needs them. */
export interface StackSettings {
  readonly originUrl: string | null;
  readonly inboundWebhooks: readonly string[];
  readonly cors: Cors;
}

interface HttpApiEvent {
  readonly httpApi: {
    readonly method: string;
    readonly path: string;
    readonly authorizer?: { readonly name: string };
  };
}

const PROBE_LIMIT_MILLISECONDS = 3_000;

/** The events of the function that stands for PocketPaw: the stack's routes; none without `originUrl`. */
export function pocketPawEvents(settings: StackSettings | undefined): HttpApiEvent[] {
  if (!settings?.originUrl) return [];
  const open = [
    ...PAGE_ROUTES,
    ...WEBHOOK_ROUTES,
    ...settings.inboundWebhooks.map(inboundWebhookRoute),
  ];
  return [
    ...open.map((key) => event(key)),
    // serverless-offline runs HEAD as GET.
    ...apiRoutes()
      .filter((key) => !key.startsWith("HEAD "))
      .map((key) => event(key, { name: "pawSession" })),
  ];
}

function event(key: string, authorizer?: { name: string }): HttpApiEvent {
  const [method = "", path = ""] = key.split(" ");
  return { httpApi: authorizer ? { method, path, authorizer } : { method, path } };
}

/**
 * What an operator should know about the PocketPaw at `originUrl`: it does not respond, or it does not accept
 * the master token in use. undefined when it is fine.
 */
export async function pocketPawWarning(
  settings: StackSettings | undefined,
  masterToken: string | undefined,
): Promise<string | undefined> {
  if (!settings?.originUrl) return undefined;
  try {
    const response = await fetch(`${settings.originUrl}/api/auth/session`, {
      method: "POST",
      headers: {
        ...(masterToken === undefined ? {} : { Authorization: `Bearer ${masterToken}` }),
        "X-Forwarded-For": "127.0.0.1",
      },
      redirect: "manual",
      signal: AbortSignal.timeout(PROBE_LIMIT_MILLISECONDS),
    });
    await response.body?.cancel();
    if (response.status !== 401 || masterToken === undefined) return undefined;
    return `Warning: the PocketPaw at ${settings.originUrl} does not accept the master token in use. Set POCKETPAW_ACCESS_TOKEN to its master token, or unset it to use ~/.pocketpaw/access_token.`;
  } catch {
    return `Warning: the PocketPaw at ${settings.originUrl} does not respond. Its routes respond 503 until it does.`;
  }
}
