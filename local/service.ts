import type { Settings } from "../deploy/settings.js";
import type { FunctionEvents } from "./front/routes.ts";
import { onLoopback } from "./front/upstream.ts";
import { HMAC_KEY_SECRET, MASTER_TOKEN_SECRET } from "./secrets.ts";

/** The service that Serverless has read from serverless.yml. */
export interface Service {
  readonly functions: Record<string, FunctionEvents & { environment?: Record<string, unknown> }>;
  /** The settings that deploy/ has checked, as far as a laptop needs them. */
  readonly custom: { readonly settings: Pick<Settings, "originUrl" | "inboundWebhooks" | "cors"> };
}

/**
 * Where PocketPaw listens, by the parameter `originUrl`.
 *
 * @param port the gateway's
 * @returns undefined without `originUrl`
 * @throws Error for the operator to read when it is the gateway itself
 */
export function pocketPawUrl({ custom }: Service, port: number): URL | undefined {
  const { originUrl } = custom.settings;
  if (!originUrl) return undefined;
  const url = onLoopback(new URL(originUrl));
  if (["127.0.0.1", "[::1]"].includes(url.hostname) && Number(url.port || 80) === port) {
    throw new Error(
      `originUrl is ${originUrl}, which is the gateway itself; it must be where PocketPaw listens, such as http://127.0.0.1:8888.`,
    );
  }
  return url;
}

/**
 * Gives the functions' settings, in place, the values that a deployment would give them: on AWS the secrets are
 * references to the stack's own, here they have names. A setting that is null, or that is another reference, is
 * removed.
 *
 * @param port the gateway's
 */
export function adaptService(service: Service, port: number): void {
  const own: Readonly<Record<string, unknown>> = {
    MASTER_TOKEN_SECRET_ID: MASTER_TOKEN_SECRET,
    HMAC_KEY_SECRET_ID: HMAC_KEY_SECRET,
    PUBLIC_URL: gatewayUrl(port),
    ORIGIN_URL: pocketPawUrl(service, port)?.origin ?? null,
  };
  for (const { environment = {} } of Object.values(service.functions)) {
    for (const [setting, given] of Object.entries(environment)) {
      const value = setting in own ? own[setting] : given;
      if (typeof value === "object") delete environment[setting];
      else environment[setting] = value;
    }
  }
}

/** Where browsers find the gateway on a laptop. */
export function gatewayUrl(port: number): string {
  return `http://localhost:${port}`;
}
