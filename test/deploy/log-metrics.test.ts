import { describe, expect, test } from "vitest";
import { LOG_METRICS } from "../../deploy/monitoring.js";
import { createAuthorizer } from "../../lib/functions/authorizer.ts";
import { createLogin } from "../../lib/functions/login.ts";
import { createSession } from "../../lib/functions/session.ts";
import type { LogEntry } from "../../lib/log.ts";
import { bearer, exchangeRequest, httpApi2 } from "../support/events.ts";
import { createTestKeyring } from "../support/keyring.ts";
import { forgedToken } from "../support/tokens.ts";
import { matches } from "./filter-pattern.ts";

type Group = "Authorizer" | "Session" | "Login" | "Regenerate";

/** The metrics that count a line of a function's log. */
function countedBy(group: Group, line: unknown): string[] {
  return Object.entries(LOG_METRICS)
    .filter(([, { pattern, functions }]) => functions.includes(group) && matches(pattern, line))
    .map(([name]) => name);
}

/** Exchange, login and authorizer with one keyring, and the line that each request leaves. */
function setUp() {
  const { keyring, store, clock } = createTestKeyring();
  const entries: LogEntry[] = [];
  const dependencies = { keyring, now: clock.now, log: (entry: LogEntry) => entries.push(entry) };
  const settings = { ...dependencies, sessionTtlHours: 24, allowedOrigins: [], hasPocketPaw: true };
  const session = createSession(settings);
  const login = createLogin(settings);
  const authorizer = createAuthorizer({ ...settings, acceptsMasterToken: true });
  const last = () => entries.at(-1);
  return {
    store,
    clock,
    exchange: async (token: string) => {
      await session(exchangeRequest(bearer(token)));
      return last();
    },
    login: async (token: string) => {
      await login({ ...exchangeRequest({}), body: JSON.stringify({ token }) });
      return last();
    },
    authorize: async (headers: Parameters<typeof httpApi2>[0]) => {
      await authorizer(httpApi2(headers)).catch(() => undefined);
      return last();
    },
  };
}

describe("of the lines that the functions write, the alarms' metrics count", () => {
  test("wrong master tokens and forged tokens", async () => {
    const { exchange, login, authorize, clock } = setUp();
    const wrong = await exchange("wrong");
    expect(wrong).toMatchObject({ event: "session_exchange", outcome: "refused" });
    expect(countedBy("Session", wrong)).toEqual(["WrongTokens"]);
    expect(countedBy("Login", await login("wrong"))).toEqual(["WrongTokens"]);
    expect(countedBy("Authorizer", await authorize(bearer("wrong")))).toEqual(["WrongTokens"]);
    const forged = await authorize(bearer(forgedToken(clock.seconds() + 3600)));
    expect(countedBy("Authorizer", forged)).toEqual(["WrongTokens"]);
  });

  test("no request without a token, and no expired token", async () => {
    const { authorize, clock } = setUp();
    const missing = await authorize({});
    expect(missing).toMatchObject({ outcome: "refused", reason: "missing" });
    expect(countedBy("Authorizer", missing)).toEqual([]);
    const expired = await authorize(bearer(forgedToken(clock.seconds() - 1)));
    expect(expired).toMatchObject({ outcome: "refused", reason: "expired" });
    expect(countedBy("Authorizer", expired)).toEqual([]);
  });
});

const line = (event: string, outcome: string, reason: string, level = "ERROR") => ({
  timestamp: "2026-01-01T00:00:00.000Z",
  ...{ level, event, outcome, reason },
});
const record = (type: string, status: string) => ({
  time: "2026-01-01T00:00:00.000Z",
  type: `platform.${type}`,
  record: { requestId: "5f2a", status },
});

describe("a line of each kind is counted by what watches it, and nothing else:", () => {
  test.each<[Group, object, string[]]>([
    ["Authorizer", line("authorization", "failed", "secrets_unavailable"), ["AuthorizerFailures"]],
    [
      "Authorizer",
      line("secret_read", "failed", "secrets_unavailable", "WARN"),
      ["AuthorizerFailures"],
    ],
    ["Authorizer", line("authorization", "refused", "cross_origin", "WARN"), []],
    ["Authorizer", line("authorization", "allowed", "", "INFO"), []],
    ["Session", line("session_exchange", "failed", "secrets_unusable"), ["LoginFailures"]],
    ["Login", line("login", "failed", "secrets_unavailable"), ["LoginFailures"]],
    ["Login", line("login", "refused", "invalid_body", "WARN"), []],
    ["Login", line("secret_read", "failed", "secrets_unavailable", "WARN"), []],
    ["Regenerate", line("token_regeneration", "done", "", "WARN"), ["Regenerations"]],
    ["Regenerate", line("token_regeneration", "failed", "not_stored"), ["Regenerations"]],
    ["Regenerate", line("token_regeneration", "refused", "overtaken", "WARN"), ["Regenerations"]],
    ["Authorizer", record("report", "timeout"), ["AuthorizerFailures"]],
    ["Authorizer", record("report", "failure"), ["AuthorizerFailures"]],
    ["Authorizer", record("initReport", "error"), ["AuthorizerFailures"]],
    // A REST API's refusal is thrown.
    ["Authorizer", record("report", "error"), []],
    ["Session", record("report", "timeout"), ["LoginFailures"]],
    ["Regenerate", record("report", "timeout"), ["Regenerations"]],
  ])("%s %j", (group, found, metrics) => {
    expect(countedBy(group, found)).toEqual(metrics);
  });
});
