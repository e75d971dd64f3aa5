import { createRegenerate } from "../../lib/functions/regenerate.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { openSecretVersions, type SecretVersions } from "../../lib/secrets/versions.ts";
import { INFO, statusRequest } from "./events.ts";
import { createTestLog } from "./logs.ts";
import { type PocketPaw, upstreamCookie } from "./pocketpaw.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";
import { openSecrets, versionLabelled } from "./secrets.ts";
import { MASTER_TOKEN } from "./tokens.ts";

export const SECRET_ID = MASTER_TOKEN_SECRET_ID;

const SESSION_ID = "0123456789abcdef";

/** What every log line of a regeneration by the master token has. */
export const LOGGED = {
  event: "token_regeneration",
  ...INFO,
  method: "master",
  sessionId: SESSION_ID,
};

interface Options {
  /** What makes the token, if there is one. */
  readonly pocketPaw?: PocketPaw;
  readonly values?: { readonly masterToken: string; readonly hmacKey: string };
  /** Puts something between the function and the master token's secret. */
  readonly changeSecret?: (secret: SecretVersions) => SecretVersions;
  /** Puts something between the function and Secrets Manager; returns its URL. */
  readonly through?: (url: string) => Promise<string>;
}

/** The function over a Secrets Manager of its own, and how a caller asks for it. */
export async function openRegeneration(options: Options = {}) {
  const { pocketPaw, values, changeSecret = (secret) => secret, through } = options;
  const { client, newClient, url } = await openSecrets(values && { values });
  const own = through ? newClient(await through(url)) : client;
  const { log, entries } = createTestLog();
  const regenerate = createRegenerate({
    masterTokenSecretId: SECRET_ID,
    hmacKeySecretId: HMAC_KEY_SECRET_ID,
    originUrl: pocketPaw?.url ?? null,
    upstreamSecretId: null,
    open: (id, signal) => {
      const secret = openSecretVersions(own, id, signal);
      return id === SECRET_ID ? changeSecret(secret) : secret;
    },
    pause: () => new Promise((resolve) => setTimeout(resolve, 10)),
    now: Date.now,
    log,
  });

  const labelled = (label: string) => versionLabelled(client, SECRET_ID, label);
  const stored = async () => (await labelled("AWSCURRENT")).value ?? "";
  /** An event from behind the authorizer, which had the master token in its version now. */
  async function request(found: Record<string, string> = {}) {
    const { versionId } = await labelled("AWSCURRENT");
    const caller = { method: "master", sessionId: SESSION_ID, masterTokenVersion: versionId };
    return statusRequest({ ...caller, upstreamCookie: upstreamCookie(MASTER_TOKEN), ...found });
  }
  const ask = async (found?: Record<string, string>) => regenerate(await request(found));
  return { client, regenerate, request, ask, entries, labelled, stored };
}

export const bodyOf = ({ body }: HttpResponse): Record<string, string> => JSON.parse(body);
