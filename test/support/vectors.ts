import { readFileSync } from "node:fs";

/** A token that was made without this project's code; ../vectors/README.md says how. Times in unix seconds. */
interface Vector {
  readonly name: string;
  readonly masterToken: string;
  readonly token: string;
}

export const SESSION_VECTORS: (Vector & { hmacKey: string; exp: number; sessionKey: string })[] =
  read("session-tokens");
export const PAIRING_VECTORS: (Vector & { hmacKey: string; exp: number; until: number })[] =
  read("pairing-tokens");
export const POCKETPAW_VECTORS: (Vector & { exp: number })[] = read("pocketpaw-tokens");
export const REFUSED_VECTORS: (Vector & {
  format: "session" | "pairing";
  hmacKey: string;
  now: number;
  reason: "malformed" | "expired" | "bad_mac";
})[] = read("refused");

function read(name: string) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}
