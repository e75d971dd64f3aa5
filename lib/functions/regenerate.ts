import { randomUUID } from "node:crypto";
import type { RegenerateSettings } from "../config.ts";
import { sessionCookie } from "../http/cookies.ts";
import { jsonResponse } from "../http/response.ts";
import { openTokenSource } from "../pocketpaw/client.ts";
import { regenerate } from "../pocketpaw/regeneration.ts";
import { parseHmacKey } from "../secrets/values.ts";
import type { SecretVersions } from "../secrets/versions.ts";
import { SESSION, sign } from "../tokens/formats.ts";
import { deriveSessionKey, sha256 } from "../tokens/keys.ts";
import type { Dependencies } from "./dependencies.ts";
import { behindAuthorizer } from "./http-function.ts";
import { explainFailure } from "./regenerate-failure.ts";

/** Two seconds less than the function's own, so that a token that could not be stored is returned. */
const TIME_LIMIT_MILLISECONDS = 27_000;

interface RegenerateDependencies extends RegenerateSettings, Pick<Dependencies, "now" | "log"> {
  readonly open: (secretId: string, signal: AbortSignal) => SecretVersions;
  /** Waits a moment before PocketPaw is asked again. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

/**
 * `POST /api/token/regenerate`, behind the authorizer: a new master token, which ends every session. Only a
 * caller by the master token gets it; a caller by session gets its own session anew, as token and as cookie.
 * Responds as PocketPaw does.
 */
export function createRegenerate(dependencies: RegenerateDependencies) {
  const { masterTokenSecretId, hmacKeySecretId, open, pause, now, log } = dependencies;
  return behindAuthorizer(log, "token_regeneration", async ({ host }, caller, note) => {
    const { method, upstreamCookie, masterTokenVersion = "", expiresAt } = caller;
    const signal = AbortSignal.timeout(TIME_LIMIT_MILLISECONDS);
    try {
      // Read first: without it a caller by session would be left without a session.
      const hmacKey =
        method === "session" ? await currentKey(open(hmacKeySecretId, signal)) : undefined;
      const token = await regenerate({
        secret: open(masterTokenSecretId, signal),
        authorizedVersion: masterTokenVersion,
        source: openTokenSource(dependencies, upstreamCookie, signal),
        newVersionId: randomUUID,
        pause: () => pause(signal),
      });
      // Rare, and the operator must know: it ends every session.
      note({ level: "WARN", outcome: "done" });
      if (hmacKey === undefined) return jsonResponse(200, { token });
      // The old session has ended with the old master token; the new one keeps its end.
      const nowSeconds = Math.floor(now() / 1000);
      const exp = expiresAt ?? nowSeconds;
      const session = sign(SESSION, deriveSessionKey(hmacKey, sha256(token)), exp);
      const cookie = sessionCookie(host, session, exp - nowSeconds);
      return jsonResponse(200, { token: session }, {}, [cookie]);
    } catch (error) {
      const isMaster = method === "master";
      const { details, response } = explainFailure(error, masterTokenSecretId, isMaster);
      note(details);
      return response;
    }
  });
}

async function currentKey(secret: SecretVersions): Promise<string> {
  return parseHmacKey((await secret.current()).value);
}
