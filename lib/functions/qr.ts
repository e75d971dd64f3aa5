import type { APIGatewayProxyEventV2WithLambdaAuthorizer, Context } from "aws-lambda";
import { readAuthorizerContext } from "../auth/authorizer-context.ts";
import { sessionEndOf } from "../auth/session-end.ts";
import { secretsReason } from "../errors.ts";
import { ownOrigin } from "../http/csrf.ts";
import { requestInfoOf } from "../http/request-info.ts";
import { type HttpResponse, jsonResponse, unauthorized, unavailable } from "../http/response.ts";
import type { Log } from "../log.ts";
import type { Keyring, Keys } from "../secrets/keyring.ts";
import { signPairing } from "../tokens/pairing.ts";

export interface QrDependencies {
  readonly keyring: Keyring;
  readonly sessionTtlHours: number;
  /** Where browsers find the gateway, without a slash at the end; null: at the request's own host. */
  readonly publicUrl: string | null;
  /** A PNG of the text as a QR code. */
  readonly encode: (text: string) => Uint8Array;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

/**
 * `GET /api/qr`, behind the authorizer: a QR code that opens the dashboard on a second device, with a
 * pairing token. Responds 200 with a PNG, 400, 401, 403, 409 or 503 and never throws.
 */
export function createQr(dependencies: QrDependencies) {
  const { keyring, sessionTtlHours, publicUrl, encode, now, log } = dependencies;
  return async (
    event: APIGatewayProxyEventV2WithLambdaAuthorizer<unknown>,
    context?: Context,
  ): Promise<HttpResponse> => {
    const caller = readAuthorizerContext(event);
    if (caller === undefined) return unauthorized("Unauthorized");
    const { method, sessionId, masterTokenVersion } = caller;
    const entry = {
      event: "qr_code",
      ...requestInfoOf(event, context),
      method,
      ...(sessionId !== undefined && { sessionId }),
    } as const;
    // Only a session or the master token makes a session; a pairing token is for the exchange.
    if (method === "pairing") {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "pairing" });
      return jsonResponse(403, { detail: "A pairing token may not make another one" });
    }
    const base = publicUrl ?? ownOrigin(event);
    if (base === undefined) {
      log({ level: "WARN", ...entry, outcome: "refused", reason: "malformed_event" });
      return jsonResponse(400, { detail: "The request must have one Host header" });
    }
    const nowSeconds = Math.floor(now() / 1000);
    const until = sessionEndOf(caller, nowSeconds, sessionTtlHours);
    try {
      const keys = await keysOf(masterTokenVersion, keyring);
      if (keys === undefined) {
        log({ level: "WARN", ...entry, outcome: "refused", reason: "overtaken" });
        return jsonResponse(409, { detail: "The master token was replaced; log in again" });
      }
      const png = encode(`${base}/?token=${signPairing(keys.session, nowSeconds, until)}`);
      log({ level: "INFO", ...entry, outcome: "done" });
      return pngResponse(png);
    } catch (error) {
      log({ level: "ERROR", ...entry, outcome: "failed", reason: secretsReason(error) });
      return unavailable();
    }
  };
}

/**
 * The keys that the caller was authorized with; undefined where they are no longer the current ones. The
 * authorizer may accept a session for a minute after a regeneration: under the new master token, a
 * pairing token of it would be a new session.
 */
async function keysOf(version: string | undefined, keyring: Keyring): Promise<Keys | undefined> {
  const keys = await keyring.current();
  if (keys.masterTokenVersion === version) return keys;
  // The authorizer may also know of a new master token before this container does.
  const renewal = await keyring.renew(keys);
  if (renewal.keys.masterTokenVersion !== version) return undefined;
  renewal.giveBack();
  return renewal.keys;
}

/**
 * No page of another origin may show the code, and no cache may keep it: it holds a credential.
 * https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header
 */
function pngResponse(png: Uint8Array): HttpResponse {
  return {
    statusCode: 200,
    headers: {
      "content-type": "image/png",
      "cache-control": "no-store",
      "cross-origin-resource-policy": "same-origin",
    },
    body: Buffer.from(png).toString("base64"),
    isBase64Encoded: true,
  };
}
