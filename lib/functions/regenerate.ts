import { randomUUID } from "node:crypto";
import { type Caller, callerInfo } from "../auth/caller.ts";
import { sessionCookie } from "../http/cookies.ts";
import { type HttpResponse, jsonResponse } from "../http/response.ts";
import type { TokenSource } from "../pocketpaw/client.ts";
import { regenerate } from "../pocketpaw/regeneration.ts";
import { parseHmacKey } from "../secrets/values.ts";
import type { SecretVersions } from "../secrets/versions.ts";
import { SESSION, sign } from "../tokens/formats.ts";
import { deriveSessionKey, sha256 } from "../tokens/keys.ts";
import { behindAuthorizer } from "./behind-authorizer.ts";
import type { Dependencies } from "./dependencies.ts";
import { explainFailure } from "./regenerate-failure.ts";

/** Two seconds less than the function's own, so that a token that could not be stored is returned. */
const TIME_LIMIT_MILLISECONDS = 27_000;

interface RegenerateDependencies extends Pick<Dependencies, "now" | "log"> {
  /** The master token's secret, as the operator knows it. */
  readonly secretId: string;
  readonly openMasterToken: (signal: AbortSignal) => SecretVersions;
  readonly openHmacKey: (signal: AbortSignal) => Pick<SecretVersions, "current">;
  /** What makes the token; the cookie is the authorizer's for PocketPaw, if it minted one. */
  readonly openSource: (cookie: string | undefined, signal: AbortSignal) => TokenSource;
  /** Waits a moment before PocketPaw is asked again. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
}

/**
 * `POST /api/token/regenerate`, behind the authorizer: a new master token, which ends every session. Only a
 * caller by the master token gets it; a caller by session gets its own session anew, as token and as cookie.
 * Responds as PocketPaw does, and never throws.
 */
export function createRegenerate(dependencies: RegenerateDependencies) {
  const { secretId, openMasterToken, openHmacKey, openSource, pause, now, log } = dependencies;
  return behindAuthorizer(async (request, caller) => {
    const { method, upstreamCookie, masterTokenVersion = "" } = caller;
    const entry = { event: "token_regeneration", ...request.info, ...callerInfo(caller) } as const;
    const signal = AbortSignal.timeout(TIME_LIMIT_MILLISECONDS);
    try {
      // Read first: without it a caller by session would be left without a session.
      const hmacKey = method === "session" ? await currentKey(openHmacKey(signal)) : undefined;
      const token = await regenerate({
        secret: openMasterToken(signal),
        authorizedVersion: masterTokenVersion,
        source: openSource(upstreamCookie, signal),
        newVersionId: randomUUID,
        pause: () => pause(signal),
      });
      // Rare, and the operator must know: it ends every session.
      log({ level: "WARN", ...entry, outcome: "done" });
      if (hmacKey === undefined) return jsonResponse(200, { token });
      return renewedSession(request.host, caller, deriveSessionKey(hmacKey, sha256(token)));
    } catch (error) {
      const { details, response } = explainFailure(error, secretId, method === "master");
      log({ ...entry, ...details });
      return response;
    }
  });

  /** The old session has ended with the old master token; the new one keeps its end. */
  function renewedSession(
    host: string | undefined,
    { expiresAt }: Caller,
    key: ReturnType<typeof deriveSessionKey>,
  ): HttpResponse {
    const nowSeconds = Math.floor(now() / 1000);
    const exp = expiresAt ?? nowSeconds;
    const token = sign(SESSION, key, exp);
    return jsonResponse(200, { token }, {}, [sessionCookie(host, token, exp - nowSeconds)]);
  }
}

async function currentKey(secret: Pick<SecretVersions, "current">): Promise<string> {
  return parseHmacKey((await secret.current()).value);
}
