import { inject } from "vitest";
import type { Target } from "../support/http.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

/** What the global set-up has deployed, for the tests. */
export interface Examples {
  /** The emulator. */
  readonly url: string;
  readonly stage: string;
  /** The API of the gateway, on which shared-api.yml has routes. */
  readonly gateway: Target;
  /** The APIs of the other examples. */
  readonly serverlessHttp: Target;
  readonly serverlessRest: Target;
  readonly samRest: Target;
  readonly cdkHttp: Target;
  readonly cdkWebSocket: Target;
}

declare module "vitest" {
  interface ProvidedContext {
    examples: Examples;
  }
}

export const examples = inject("examples");

const now = Math.floor(Date.now() / 1000);

/** A valid session token. */
export const VALID = sessionToken(MASTER_TOKEN, HMAC_KEY, now + 3600);

/** Tokens that every attachment refuses. */
export const INVALID: [what: string, token: string][] = [
  ["a forged token", forgedToken(now + 3600, 1)],
  ["an expired token", sessionToken(MASTER_TOKEN, HMAC_KEY, now - 1)],
  ["a wrong master token", "00000000-3b1d-4e2f-9a5c-d4b3c2a1f0e9"],
];
