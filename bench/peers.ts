import { createHmac, webcrypto } from "node:crypto";
import { createSigner, createVerifier } from "fast-jwt";
import { jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { awaiting, type Contender, calling } from "./interleave.ts";
import { KEY } from "./tokens.ts";

/** The floor: no token can be checked with less than one HMAC by a key that is ready. */
export const FLOOR = "createHmac alone";

/** What others take to check a token that says no more than ours: that it is valid until `exp`. */
export async function verifiers(exp: number): Promise<Record<string, Contender>> {
  const key = KEY.export();
  const usage = { name: "HMAC", hash: "SHA-256" };
  const bytes = Uint8Array.from(key);
  const cryptoKey = await webcrypto.subtle.importKey("raw", bytes, usage, false, ["verify"]);
  const message = `session:${exp}`;
  const jwt = await createSigner({ key, algorithm: "HS256", noTimestamp: true })({ exp });
  const verify = createVerifier({ key, algorithms: ["HS256"], cache: false });
  const verifyCached = createVerifier({ key, algorithms: ["HS256"], cache: true });
  return {
    [FLOOR]: calling(() => createHmac("sha256", KEY).update(message).digest()),
    "fast-jwt, its cache off": calling(() => verify(jwt)),
    "fast-jwt, its cache on": calling(() => verifyCached(jwt)),
    jsonwebtoken: calling(() => jsonwebtoken.verify(jwt, KEY, { algorithms: ["HS256"] })),
    jose: awaiting(() => jwtVerify(jwt, cryptoKey, { algorithms: ["HS256"] })),
  };
}
