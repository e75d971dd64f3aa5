import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { APIGatewayProxyEventV2WithLambdaAuthorizer, Context } from "aws-lambda";
import { readAuthorizerContext } from "../lib/auth/authorizer-context.ts";
import { readRegenerateConfig } from "../lib/config/regenerate.ts";
import { describeError } from "../lib/errors.ts";
import { isCrossOrigin } from "../lib/http/csrf.ts";
import { callerOf } from "../lib/http/request-info.ts";
import { type Answer, answer, unauthorized, unavailable } from "../lib/http/response.ts";
import { type Log, type LogEntry, writeLog } from "../lib/log.ts";
import { createPocketPawSource, OriginFailed, type TokenSource } from "../lib/pocketpaw/client.ts";
import { NotStored, Overtaken, regenerate } from "../lib/pocketpaw/regeneration.ts";
import { reasonOf } from "../lib/secrets/open-keyring.ts";
import { openSecretVersions, type SecretVersions } from "../lib/secrets/versions.ts";

/** Two seconds less than the function's own, so that a token that could not be stored is answered with. */
const TIME_LIMIT_MILLISECONDS = 27_000;

/** PocketPaw takes one question a second whether a token counts. */
const PAUSE_MILLISECONDS = 1_000;

interface Dependencies {
  /** The master token's secret, as the operator knows it. */
  readonly secretId: string;
  readonly openSecret: (signal: AbortSignal) => SecretVersions;
  /** Who makes the token; the cookie is the authorizer's for PocketPaw, if it minted one. */
  readonly openSource: (cookie: string | undefined, signal: AbortSignal) => TokenSource;
  /** Waits a moment before PocketPaw is asked again. */
  readonly pause: (signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/**
 * `POST /api/token/regenerate`, behind the authorizer: a new master token, which ends every session.
 * Answers as PocketPaw does, and never throws.
 */
export function createHandler({ secretId, openSecret, openSource, pause, log }: Dependencies) {
  return async (
    event: APIGatewayProxyEventV2WithLambdaAuthorizer<unknown>,
    context?: Context,
  ): Promise<Answer> => {
    const caller = readAuthorizerContext(event);
    if (caller === undefined) return unauthorized("Unauthorized");
    const { method, sessionId, upstreamCookie } = caller;
    const entry = {
      event: "token_regeneration",
      ...callerOf(event, context),
      method,
      ...(sessionId !== undefined && { sessionId }),
    };
    if (isCrossOrigin(event.headers)) {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "cross_origin" });
      return answer(403, { detail: "A page of another origin may not regenerate the token" });
    }
    const signal = AbortSignal.timeout(TIME_LIMIT_MILLISECONDS);
    try {
      const token = await regenerate({
        secret: openSecret(signal),
        source: openSource(upstreamCookie, signal),
        newVersionId: randomUUID,
        pause: () => pause(signal),
      });
      log({ level: "INFO", ...entry, outcome: "done" });
      return answer(200, { token });
    } catch (error) {
      const { told, answered } = explain(error, secretId);
      log({ level: "ERROR", ...entry, outcome: "failed", ...told });
      return answered;
    }
  };
}

/** What the log and the client are told of a regeneration that failed. */
function explain(
  error: unknown,
  secretId: string,
): { told: Pick<LogEntry, "reason" | "error" | "detail">; answered: Answer } {
  if (error instanceof OriginFailed) {
    const detail =
      `${error.message}. The secret is unchanged. Should PocketPaw have made a new token all the ` +
      `same, it is in ~/.pocketpaw/access_token on its machine: put it into the secret ${secretId}`;
    const told = { reason: error.reason, detail: error.message };
    return { told, answered: answer(502, { detail }) };
  }
  if (error instanceof NotStored) {
    const detail =
      `The new master token could not be written to the secret ${secretId}. This answer may be the ` +
      `only place where it stands: put it there, by aws secretsmanager put-secret-value ` +
      `--secret-id ${secretId} --secret-string <token>`;
    const told = { reason: "not_stored", ...describeError(error.cause) };
    return { told, answered: answer(500, { detail, token: error.token }) };
  }
  if (error instanceof Overtaken) {
    const detail =
      `Another regeneration came between, and its token is not in the secret ${secretId} yet. If it ` +
      `does not get there, PocketPaw has it in ~/.pocketpaw/access_token`;
    return { told: { reason: "overtaken" }, answered: answer(409, { detail }) };
  }
  return { told: { reason: reasonOf(error), ...describeError(error) }, answered: unavailable() };
}

/** Where no PocketPaw stands behind the gateway: what is stored is what counts. */
const OWN_SOURCE: TokenSource = {
  issue: async () => randomUUID(),
  isInForce: async () => true,
};

const { masterTokenSecretId, originUrl } = readRegenerateConfig();
const client = new SecretsManagerClient({
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
});
export const handler = createHandler({
  secretId: masterTokenSecretId,
  openSecret: (signal) => openSecretVersions(client, masterTokenSecretId, signal),
  openSource: (cookie, signal) =>
    originUrl === null ? OWN_SOURCE : createPocketPawSource(originUrl, cookie, signal),
  pause: (signal) => setTimeout(PAUSE_MILLISECONDS, undefined, { signal }),
  log: writeLog,
});
