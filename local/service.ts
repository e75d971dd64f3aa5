import type { Settings } from "../deploy/settings.js";
import type { FunctionEvents } from "./front/routes.ts";
import { onLoopback } from "./front/upstream.ts";
import { HMAC_KEY_SECRET, MASTER_TOKEN_SECRET } from "./secrets.ts";

/** What Serverless has read from serverless.yml, and deploy/ has checked, as far as a laptop needs it. */
export interface Service {
  readonly functions: Record<string, FunctionEvents & { environment?: Record<string, unknown> }>;
  readonly custom: { readonly settings: Pick<Settings, "originUrl" | "inboundWebhooks" | "cors"> };
}

/**
 * Where PocketPaw listens, by the parameter `originUrl`, if it is given.
 *
 * @throws Error for the operator to read when that is the gateway itself
 */
export function pocketPawUrl(service: Service, gatewayPort: number): URL | undefined {
  const { originUrl } = service.custom.settings;
  if (!originUrl) return undefined;
  const url = onLoopback(new URL(originUrl));
  if (["127.0.0.1", "[::1]"].includes(url.hostname) && Number(url.port || 80) === gatewayPort) {
    throw new Error(
      `originUrl is ${originUrl}, which is the gateway itself; it must be where PocketPaw listens, such as http://127.0.0.1:8888.`,
    );
  }
  return url;
}

/**
 * Gives the functions' settings, in place, the values that a deployment would give them: on AWS the secrets are
 * references to the stack's own, here they have names. A setting that is null, or another reference, is removed.
 */
export function adaptService(service: Service, gatewayPort: number): void {
  const own: Readonly<Record<string, unknown>> = {
    MASTER_TOKEN_SECRET_ID: MASTER_TOKEN_SECRET,
    HMAC_KEY_SECRET_ID: HMAC_KEY_SECRET,
    PUBLIC_URL: gatewayUrl(gatewayPort),
    ORIGIN_URL: pocketPawUrl(service, gatewayPort)?.origin ?? null,
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
export const gatewayUrl = (port: number) => `http://localhost:${port}`;
