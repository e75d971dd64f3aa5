import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createRegenerate } from "../../lib/functions/regenerate.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { openTokenSource } from "../../lib/pocketpaw/token-source.ts";
import { openSecretVersions, type SecretVersions } from "../../lib/secrets/versions.ts";
import { REQUEST_ID, SOURCE_IP, statusRequest } from "./events.ts";
import { createTestLog } from "./logs.ts";
import { type PocketPaw, upstreamCookie } from "./pocketpaw.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";
import { versionLabelled } from "./secrets.ts";
import { MASTER_TOKEN } from "./tokens.ts";

export const SECRET_ID = MASTER_TOKEN_SECRET_ID;

const SESSION_ID = "0123456789abcdef";

/** What every log line of a regeneration by the master token has. */
export const LOGGED = {
  event: "token_regeneration",
  requestId: REQUEST_ID,
  sourceIp: SOURCE_IP,
  method: "master",
  sessionId: SESSION_ID,
};

/**
 * The function over a client; with a PocketPaw, that makes the token.
 *
 * @param changeSecret puts something between the function and Secrets Manager
 */
export function regenerateOver(
  client: SecretsManagerClient,
  pocketPaw?: PocketPaw,
  changeSecret: (secret: SecretVersions) => SecretVersions = (secret) => secret,
) {
  const { log, entries } = createTestLog();
  const pauses: AbortSignal[] = [];
  const regenerate = createRegenerate({
    secretId: SECRET_ID,
    openMasterToken: (signal) => changeSecret(openSecretVersions(client, SECRET_ID, signal)),
    openHmacKey: (signal) => openSecretVersions(client, HMAC_KEY_SECRET_ID, signal),
    openSource: (cookie, signal) =>
      openTokenSource(
        { originUrl: pocketPaw?.url ?? null, upstreamSecretId: null },
        (id) => openSecretVersions(client, id, signal),
        cookie,
        signal,
      ),
    pause: async (signal) => {
      pauses.push(signal);
      await new Promise((resolve) => setTimeout(resolve, 10));
    },
    now: Date.now,
    log,
  });
  return { regenerate, entries, pauses };
}

/** An event from behind the authorizer, which had that master token, in its version now. */
export async function request(
  client: SecretsManagerClient,
  caller: Record<string, string> = {},
  masterToken = MASTER_TOKEN,
) {
  const { versionId } = await versionLabelled(client, SECRET_ID, "AWSCURRENT");
  return requestOf(versionId, caller, masterToken);
}

/** The same, where the authorizer had another version. */
export const requestOf = (
  masterTokenVersion: string,
  caller: Record<string, string> = {},
  masterToken = MASTER_TOKEN,
) =>
  statusRequest({
    ...{ method: "master", sessionId: SESSION_ID, masterTokenVersion },
    upstreamCookie: upstreamCookie(masterToken),
    ...caller,
  });

export const bodyOf = ({ body }: HttpResponse): Record<string, string> => JSON.parse(body);

export const storedToken = async (client: SecretsManagerClient) =>
  (await versionLabelled(client, SECRET_ID, "AWSCURRENT")).value;
