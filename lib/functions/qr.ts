import { originOf } from "../http/host.ts";
import { type HttpResponse, jsonResponse } from "../http/response.ts";
import type { Keyring, Keys } from "../secrets/keyring.ts";
import { signPairing } from "../tokens/pairing.ts";
import type { Dependencies } from "./dependencies.ts";
import { behindAuthorizer } from "./http-function.ts";

interface QrDependencies extends Pick<Dependencies, "keyring" | "sessionTtlHours" | "now" | "log"> {
  /** Where browsers find the gateway, without a slash at the end; null: at the request's own host. */
  readonly publicUrl: string | null;
  /** A PNG of the text as a QR code. */
  readonly encode: (text: string) => Uint8Array;
}

/**
 * `GET /api/qr`, behind the authorizer: a QR code that opens the gateway's page on a second device, with a
 * pairing token in the fragment, which no server sees. Responds 200 with a PNG, 400, 401, 409, 500 or 503.
 */
export function createQr(dependencies: QrDependencies) {
  const { keyring, sessionTtlHours, publicUrl, encode, now, log } = dependencies;
  return behindAuthorizer(log, "qr_code", async ({ host }, caller, note) => {
    const { method, masterTokenVersion, expiresAt } = caller;
    const base = publicUrl ?? (host && originOf(host));
    if (!base) {
      note({ level: "WARN", outcome: "refused", reason: "malformed_event" });
      return jsonResponse(400, { detail: "The request must have one Host header" });
    }
    const nowSeconds = Math.floor(now() / 1000);
    // A session hands on its own end; the master token, that of a session that would start now.
    const until =
      method === "master" ? nowSeconds + sessionTtlHours * 3600 : (expiresAt ?? nowSeconds);
    const keys = await keysOf(masterTokenVersion, keyring);
    if (keys === undefined) {
      note({ level: "WARN", outcome: "refused", reason: "overtaken" });
      return jsonResponse(409, { detail: "The master token was replaced; log in again" });
    }
    const png = encode(`${base}/gateway#${signPairing(keys.session, nowSeconds, until)}`);
    note({ level: "INFO", outcome: "done" });
    return pngResponse(png);
  });
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
