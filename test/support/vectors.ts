import { readFileSync } from "node:fs";

/** Fixed vectors; ../vectors/README.md says how they were made. */
export interface SessionVector {
  name: string;
  masterToken: string;
  hmacKey: string;
  exp: number;
  /** Hex. */
  sessionKey: string;
  token: string;
}

export interface PairingVector {
  name: string;
  masterToken: string;
  hmacKey: string;
  exp: number;
  until: number;
  token: string;
}

export interface PocketPawVector {
  name: string;
  masterToken: string;
  exp: number;
  token: string;
}

export interface RefusedVector {
  name: string;
  format: "session" | "pairing";
  masterToken: string;
  hmacKey: string;
  /** Unix seconds. */
  now: number;
  token: string;
  reason: "malformed" | "expired" | "bad_mac";
}

export const SESSION_VECTORS: SessionVector[] = read("session-tokens");
export const PAIRING_VECTORS: PairingVector[] = read("pairing-tokens");
export const POCKETPAW_VECTORS: PocketPawVector[] = read("pocketpaw-tokens");
export const REFUSED_VECTORS: RefusedVector[] = read("refused");

function read(name: string) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}
