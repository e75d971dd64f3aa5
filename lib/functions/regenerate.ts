import { randomUUID } from "node:crypto";
import type { APIGatewayProxyEventV2WithLambdaAuthorizer, Context } from "aws-lambda";
import { readAuthorizerContext } from "../auth/authorizer-context.ts";
import { sessionEndOf } from "../auth/session-end.ts";
import { sessionCookie } from "../http/cookies.ts";
import { requestInfoOf } from "../http/request-info.ts";
import { type HttpResponse, jsonResponse, unauthorized } from "../http/response.ts";
import type { Log } from "../log.ts";
import type { TokenSource } from "../pocketpaw/client.ts";
import { regenerate } from "../pocketpaw/regeneration.ts";
import type { SecretVersions } from "../secrets/versions.ts";
import { NATIVE, sign } from "../tokens/formats.ts";
import { nativeKey } from "../tokens/keys.ts";
import { explainFailure } from "./regenerate-failure.ts";

/** Two seconds less than the function's own, so that a token that could not be stored is returned. */
const TIME_LIMIT_MILLISECONDS = 27_000;

export interface RegenerateDependencies {
  /** The master token's secret, as the operator knows it. */
  readonly secretId: string;
  readonly sessionTtlHours: number;
  /** Whether PocketPaw is behind the gateway: the browser then gets a new cookie. */
  readonly setsCookie: boolean;
  readonly openSecret: (signal: AbortSignal) => SecretVersions;
  /** What makes the token; the cookie is the authorizer's for PocketPaw, if it minted one. */
  readonly openSource: (cookie: string | undefined, signal: AbortSignal) => TokenSource;
  /** Waits a moment before PocketPaw is asked again. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * `POST /api/token/regenerate`, behind the authorizer: a new master token, which ends every session.
 * Responds as PocketPaw does, and never throws.
 */
export function createRegenerate(dependencies: RegenerateDependencies) {
  const { secretId, openSecret, openSource, pause, log } = dependencies;
  return async (
    event: APIGatewayProxyEventV2WithLambdaAuthorizer<unknown>,
    context?: Context,
  ): Promise<HttpResponse> => {
    const caller = readAuthorizerContext(event);
    if (caller === undefined) return unauthorized("Unauthorized");
    const { method, sessionId, upstreamCookie, masterTokenVersion = "" } = caller;
    const entry = {
      event: "token_regeneration",
      ...requestInfoOf(event, context),
      method,
      ...(sessionId !== undefined && { sessionId }),
    } as const;
    if (method === "pairing") {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "pairing" });
      return jsonResponse(403, { detail: "A pairing token may not regenerate the master token" });
    }
    const signal = AbortSignal.timeout(TIME_LIMIT_MILLISECONDS);
    try {
      const token = await regenerate({
        secret: openSecret(signal),
        authorizedVersion: masterTokenVersion,
        source: openSource(upstreamCookie, signal),
        newVersionId: randomUUID,
        pause: () => pause(signal),
      });
      // Rare, and the operator must know: it ends every session.
      log({ level: "WARN", ...entry, outcome: "done" });
      return jsonResponse(200, { token }, {}, newCookie(token));
    } catch (error) {
      const { details, response } = explainFailure(error, secretId);
      log({ ...entry, ...details });
      return response;
    }

    /** The old cookie has ended with the old master token; the new one keeps the session's end. */
    function newCookie(token: string): string[] {
      if (!dependencies.setsCookie || caller === undefined) return [];
      const now = Math.floor(dependencies.now() / 1000);
      const exp = sessionEndOf(caller, now, dependencies.sessionTtlHours);
      return [sessionCookie(event, sign(NATIVE, nativeKey(token), exp), exp - now)];
    }
  };
}
