import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createRegenerate } from "../../lib/functions/regenerate.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { openTokenSource } from "../../lib/pocketpaw/token-source.ts";
import { openSecretVersions, type SecretVersions } from "../../lib/secrets/versions.ts";
import { documented } from "./documented.ts";
import { REQUEST_ID, SOURCE_IP, statusRequest } from "./events.ts";
import { createTestLog } from "./logs.ts";
import { type Origin, upstreamCookie } from "./origin.ts";
import { MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";
import { versionLabelled } from "./secrets.ts";
import { MASTER_TOKEN } from "./tokens.ts";

export const SECRET_ID = MASTER_TOKEN_SECRET_ID;

/** The caller, as in the authorizer's context. */
export const CALLER = { method: "session", sessionId: "0123456789abcdef" };

/** What every log line of a regeneration has. */
export const LOGGED = {
  event: "token_regeneration",
  requestId: REQUEST_ID,
  sourceIp: SOURCE_IP,
  ...CALLER,
};

/**
 * The handler over a client; with an origin, PocketPaw makes the token.
 *
 * @param changeSecret puts something between the handler and Secrets Manager
 */
export function handlerOver(
  client: SecretsManagerClient,
  origin?: Origin,
  changeSecret: (secret: SecretVersions) => SecretVersions = (secret) => secret,
) {
  const { log, entries } = createTestLog();
  const pauses: AbortSignal[] = [];
  const handler = documented(
    "POST /token/regenerate",
    createRegenerate({
      secretId: SECRET_ID,
      sessionTtlHours: 24,
      setsCookie: origin !== undefined,
      openSecret: (signal) => changeSecret(openSecretVersions(client, SECRET_ID, signal)),
      openSource: (cookie, signal) =>
        openTokenSource(
          { originUrl: origin?.url ?? null, upstreamSecretId: null },
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
    }),
  );
  return { handler, entries, pauses };
}

/** An event as it comes from behind the authorizer, which had that master token, in its version now. */
export async function request(client: SecretsManagerClient, masterToken = MASTER_TOKEN) {
  const { versionId } = await versionLabelled(client, SECRET_ID, "AWSCURRENT");
  return requestOf(versionId, masterToken);
}

/** The same, where the authorizer had another version. */
export const requestOf = (masterTokenVersion: string, masterToken = MASTER_TOKEN) =>
  statusRequest({ ...CALLER, masterTokenVersion, upstreamCookie: upstreamCookie(masterToken) });

export const bodyOf = ({ body }: HttpResponse): Record<string, string> => JSON.parse(body);

export const storedToken = async (client: SecretsManagerClient) =>
  (await versionLabelled(client, SECRET_ID, "AWSCURRENT")).value;
