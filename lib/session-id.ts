import { sha256 } from "./keyring.ts";

/** Stands for a token in logs and in other stacks' events: the first 16 hex digits of its SHA-256. */
export function sessionIdOf(token: string): string {
  return sha256(token).toString("hex", 0, 8);
}
