import { apiRoutes, inboundWebhookRoute, PAGE_ROUTES, WEBHOOK_ROUTES } from "../deploy/routes.js";
import { POCKETPAW_COOKIE, pocketPawToken } from "../lib/pocketpaw/token.ts";
import { pocketPawKey } from "../lib/tokens/keys.ts";
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

/** PocketPaw asks for a credential here. */
const PROBE_PATH = "/api/health";
const PROBE_LIMIT_MILLISECONDS = 3_000;
const PROBE_TOKEN_SECONDS = 60;

/** The events of the function that represents PocketPaw: the stack's routes; none without `originUrl`. */
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
 * What an operator should know about the server at `originUrl`: it does not respond, it does not accept the
 * master token in use, or it is no PocketPaw. It is asked with a PocketPaw token of one minute, never with the
 * master token itself: while PocketPaw is down, another user's process may listen on its port.
 *
 * @param masterToken undefined when it is not known; then it is not checked
 * @returns a warning for the operator; undefined when there is nothing to warn of
 */
export async function pocketPawWarning(
  settings: StackSettings | undefined,
  masterToken: string | undefined,
): Promise<string | undefined> {
  if (!settings?.originUrl) return undefined;
  const { originUrl } = settings;
  try {
    const { status, body } = await fetch(originUrl + PROBE_PATH, {
      headers: {
        // Without it PocketPaw accepts every request of its own machine.
        "X-Forwarded-For": "127.0.0.1",
        ...(masterToken !== undefined && { Cookie: probeCookie(masterToken) }),
      },
      redirect: "manual",
      signal: AbortSignal.timeout(PROBE_LIMIT_MILLISECONDS),
    });
    await body?.cancel();
    if (status === 200 || (status === 401 && masterToken === undefined)) return undefined;
    return status === 401
      ? `Warning: the PocketPaw at ${originUrl} does not accept the master token in use. Set POCKETPAW_ACCESS_TOKEN to its master token, or unset it to use ~/.pocketpaw/access_token.`
      : `Warning: the server at ${originUrl} responds with status ${status} to GET ${PROBE_PATH}; a PocketPaw responds with 200.`;
  } catch {
    return `Warning: the PocketPaw at ${originUrl} does not respond. Its routes respond 503 until it does.`;
  }
}

function probeCookie(masterToken: string): string {
  const expiresAt = Math.floor(Date.now() / 1000) + PROBE_TOKEN_SECONDS;
  return `${POCKETPAW_COOKIE}=${pocketPawToken(pocketPawKey(masterToken), expiresAt)}`;
}
