import { hash } from "node:crypto";

/** Stands for a token in logs and in other stacks' events: the first 16 hex digits of its SHA-256. */
export function sessionIdOf(token: string): string {
  return hash("sha256", token, "hex").slice(0, 16);
}
