import { createHmac, createSecretKey, type KeyObject, webcrypto } from "node:crypto";
import { createSigner, createVerifier } from "fast-jwt";
import { jwtVerify, SignJWT } from "jose";
import jsonwebtoken from "jsonwebtoken";
import Keygrip from "keygrip";
import { HMAC_KEY, MASTER_TOKEN, sessionKey } from "../test/support/tokens.ts";
import { awaiting, type Contender, calling } from "./interleave.ts";

/** The floor: no token can be checked with less than one HMAC by a key that is ready. */
export const FLOOR = "createHmac alone";

/** The key of our tokens; the peers use the same bytes. */
export const KEY_BYTES = sessionKey(MASTER_TOKEN, HMAC_KEY);
export const KEY: KeyObject = createSecretKey(KEY_BYTES);

const cryptoKey = await webcrypto.subtle.importKey(
  "raw",
  Uint8Array.from(KEY_BYTES),
  { name: "HMAC", hash: "SHA-256" },
  false,
  ["sign", "verify"],
);
const keygrip = new Keygrip([KEY_BYTES.toString("hex")], "sha256", "hex");
const sign = createSigner({ key: KEY_BYTES, algorithm: "HS256", noTimestamp: true });

/** What others take to check a token that says no more than ours: that it is valid until `exp`. */
export async function verifiers(exp: number): Promise<Record<string, Contender>> {
  const message = `session:${exp}`;
  const jwt = await sign({ exp });
  const mac = keygrip.sign(message);
  const key = KEY_BYTES;
  const verify = createVerifier({ key, algorithms: ["HS256"], cache: false });
  const verifyCached = createVerifier({ key, algorithms: ["HS256"], cache: true });
  return {
    [FLOOR]: calling(() => createHmac("sha256", KEY).update(message).digest()),
    "fast-jwt, its cache off": calling(() => verify(jwt)),
    "fast-jwt, its cache on": calling(() => verifyCached(jwt)),
    jsonwebtoken: calling(() => jsonwebtoken.verify(jwt, KEY, { algorithms: ["HS256"] })),
    jose: awaiting(() => jwtVerify(jwt, cryptoKey, { algorithms: ["HS256"] })),
    keygrip: calling(() => keygrip.verify(message, mac)),
  };
}

/** What others take to make such a token. */
export function signers(exp: number): Record<string, Contender> {
  const message = `session:${exp}`;
  return {
    [FLOOR]: calling(() => createHmac("sha256", KEY).update(message).digest()),
    "fast-jwt": calling(() => sign({ exp })),
    jsonwebtoken: calling(() => jsonwebtoken.sign({ exp }, KEY, { noTimestamp: true })),
    jose: awaiting(() => new SignJWT({ exp }).setProtectedHeader({ alg: "HS256" }).sign(cryptoKey)),
    keygrip: calling(() => keygrip.sign(message)),
  };
}
