import { describe, expect, test } from "vitest";
import {
  bearer,
  exchangeRequest,
  httpApi2,
  INFO,
  loginRequest,
  qrRequest,
  verifyRequest,
} from "../support/events.ts";
import { INTERNAL_ERROR, openBroken, openFunctions, UNAVAILABLE } from "../support/functions.ts";
import { named } from "../support/secret-store.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../support/tokens.ts";

type Functions = ReturnType<typeof openBroken>;

/** The functions that need the secrets: the start of their log line, and a request that could succeed. */
const FUNCTIONS: Record<string, [line: object, ask: (functions: Functions) => Promise<unknown>]> = {
  session: [
    { event: "session_exchange" },
    ({ session }) => session(exchangeRequest(bearer(MASTER_TOKEN))),
  ],
  login: [{ event: "login" }, ({ login }) => login(loginRequest({ token: MASTER_TOKEN }))],
  verify: [{ event: "verification" }, ({ verify }) => verify(verifyRequest(bearer(MASTER_TOKEN)))],
  qr: [{ event: "qr_code", method: "master" }, ({ qr }) => qr(qrRequest({ method: "master" }))],
  // To any message but Unauthorized API Gateway responds 500.
  authorizer: [
    { event: "authorization" },
    ({ authorizer }) => authorizer(httpApi2(bearer(MASTER_TOKEN))).catch(String),
  ],
};

const UNUSABLE: [string, Error | Uint8Array | string | undefined, string][] = [
  ["cannot be read", named("AccessDeniedException", "arn:aws:… may not"), "secrets_unavailable"],
  ["does not exist", undefined, "secrets_unavailable"],
  ["is empty", "", "secrets_unusable"],
  ["is binary", new Uint8Array(48), "secrets_unusable"],
  ["is no whole JSON", '{"token":"abc', "secrets_unusable"],
];

describe.each(Object.entries(FUNCTIONS))("%s", (name, [line, ask]) => {
  const failed = { level: "ERROR", ...INFO, ...line, outcome: "failed" };

  test.each(UNUSABLE)("where a secret %s: 503 without internals", async (_name, value, reason) => {
    for (const version of ["master", "key"] as const) {
      const functions = openFunctions();
      functions.store.values[version] = value;
      const expected = name === "authorizer" ? `Error: ${reason}` : UNAVAILABLE;
      expect(await ask(functions)).toEqual(expected);
      expect(functions.entries).toEqual([{ ...failed, reason }]);
    }
  });

  test.each([
    ["TypeError", new TypeError(HMAC_KEY)],
    ["string", HMAC_KEY],
  ])("an error of our own: 500, with its name alone in the log: %s", async (error, thrown) => {
    const functions = openBroken(thrown);
    const expected = name === "authorizer" ? "Error: internal_error" : INTERNAL_ERROR;
    expect(await ask(functions)).toEqual(expected);
    expect(functions.entries).toEqual([{ ...failed, reason: "internal_error", error }]);
  });
});
