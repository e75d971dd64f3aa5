import { createHash, createHmac } from "node:crypto";
import { HMAC_KEY, MASTER_TOKEN, pocketPawToken, sessionKey, sessionToken } from "./tokens.ts";

const hmac = (key: string | Buffer, message: string) =>
  createHmac("sha256", key).update(message).digest("hex");

/** Tokens that a thief of one secret alone, or of none, could make. */
export function forgeries(exp: number): Record<string, string> {
  const message = `session:${exp}`;
  const good = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
  const salt = createHash("sha256").update(MASTER_TOKEN).digest();
  const pocketPaw = pocketPawToken(MASTER_TOKEN, exp);
  return {
    "under the HMAC key, without the master token": `${message}:${hmac(HMAC_KEY, message)}`,
    "under the master token, without the HMAC key": `${message}:${hmac(MASTER_TOKEN, message)}`,
    "under the master token's digest": `${message}:${hmac(salt, message)}`,
    "derived with an empty master token": sessionToken("", HMAC_KEY, exp),
    "derived with an empty HMAC key": sessionToken(MASTER_TOKEN, "", exp),
    "derived from the secrets in each other's place": sessionToken(HMAC_KEY, MASTER_TOKEN, exp),
    "under an empty key": `${message}:${hmac("", message)}`,
    "hashed without a key": `${message}:${createHash("sha256").update(message).digest("hex")}`,
    "with the mac of another exp": good.replace(String(exp), String(exp + 1)),
    "with a mac over exp alone": `${message}:${hmac(sessionKey(MASTER_TOKEN, HMAC_KEY), String(exp))}`,
    "a PocketPaw token with our prefix": `session:${pocketPaw}`,
    "a PocketPaw token": pocketPaw,
    "our token without its prefix": good.replace("session:", ""),
    "our mac, truncated": good.slice(0, -32),
    "an empty mac": `${message}:`,
    "a mac of zeros": `${message}:${"0".repeat(64)}`,
    "the mac in base64": `${message}:${Buffer.from(good.slice(-64), "hex").toString("base64")}`,
    "the mac in upper case": good.slice(0, -64) + good.slice(-64).toUpperCase(),
    "Session:": good.replace("session:", "Session:"),
    "SESSION:": good.replace("session:", "SESSION:"),
    "session:session:": `session:${good}`,
    "session::": good.replace("session:", "session::"),
    "a part more": `${good}:extra`,
    "a part more, which is empty": `${good}:`,
    "a token before it": `x,${good}`,
    "a token behind it": `${good},x`,
    "a semicolon behind it": `${good};`,
    "a colon that is percent-encoded twice": good.replaceAll(":", "%253A"),
  };
}
