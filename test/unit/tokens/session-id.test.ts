import { expect, test } from "vitest";
import { sessionIdOf } from "../../../lib/tokens/session-id.ts";
import { MASTER_TOKEN, sessionIdFor } from "../../support/tokens.ts";

test("a session id is the first 16 hex digits of the token's SHA-256", () => {
  expect(sessionIdOf("abc")).toBe("ba7816bf8f01cfea");
  expect(sessionIdOf(MASTER_TOKEN)).toBe(sessionIdFor(MASTER_TOKEN));
});
