import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { LOG_METRICS } from "../../deploy/monitoring.js";
import type { Reason } from "../../lib/errors.ts";
import type { LogEntry } from "../../lib/log.ts";

type Group = "Verify" | "Authorizer" | "Session" | "Login" | "Regenerate";

/** The metrics that count a line of a function's log. */
function countedBy(group: Group, line: unknown): string[] {
  return Object.entries(LOG_METRICS)
    .filter(([, { pattern, functions }]) => functions.includes(group) && matches(pattern, line))
    .map(([name]) => name);
}

/**
 * Whether a line matches a metric filter's JSON pattern of comparisons with strings. As in JavaScript, brackets bind
 * before `&&`, and that before `||`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
function matches(pattern: string, line: unknown): boolean {
  const comparison = /\$((?:\.\w+)+) = ("\w*(?:\.\w+)*")/g;
  expect(pattern.replace(comparison, "")).toMatch(/^\{([() ]|&&|\|\|)+\}$/);
  const script = pattern.slice(1, -1).replace(comparison, (_, path, text) => {
    return `line${path.replaceAll(".", "?.")} === ${text}`;
  });
  return runInNewContext(script, { line });
}

type Row = [Group, LogEntry["event"], LogEntry["outcome"], Reason | undefined, metrics: string[]];

const FAILED = ["secrets_unavailable", "secrets_unusable", "internal_error"] as const;

describe("a line of each kind is counted by what watches it, and nothing else:", () => {
  test.each<Row>([
    ...FAILED.flatMap((reason): Row[] => [
      ["Authorizer", "authorization", "failed", reason, ["AuthorizerFailures"]],
      ["Verify", "verification", "failed", reason, ["AuthorizerFailures"]],
      ["Session", "session_exchange", "failed", reason, ["LoginFailures"]],
      ["Login", "login", "failed", reason, ["LoginFailures"]],
    ]),
    ["Authorizer", "secret_read", "failed", "secrets_unavailable", ["AuthorizerFailures"]],
    ["Login", "secret_read", "failed", "secrets_unavailable", []],
    ...(["wrong_master", "bad_mac"] as const).flatMap((reason): Row[] => [
      ["Authorizer", "authorization", "refused", reason, ["WrongTokens"]],
      ["Verify", "verification", "refused", reason, ["WrongTokens"]],
      ["Session", "session_exchange", "refused", reason, ["WrongTokens"]],
      ["Login", "login", "refused", reason, ["WrongTokens"]],
    ]),
    // Scanners come without a token, and old ones expire.
    ["Authorizer", "authorization", "refused", "missing", []],
    ["Authorizer", "authorization", "refused", "expired", []],
    ["Authorizer", "authorization", "refused", "cross_origin", []],
    ["Authorizer", "authorization", "allowed", undefined, []],
    ["Login", "login", "refused", "invalid_body", []],
    ["Regenerate", "token_regeneration", "done", undefined, ["Regenerations"]],
    ["Regenerate", "token_regeneration", "failed", "not_stored", ["Regenerations"]],
    ["Regenerate", "token_regeneration", "refused", "overtaken", ["Regenerations"]],
  ])("%s: %s %s %s", (group, event, outcome, reason, metrics) => {
    expect(countedBy(group, { level: "WARN", event, outcome, reason })).toEqual(metrics);
  });

  test.each<[Group, type: string, status: string, metrics: string[]]>([
    ["Authorizer", "report", "timeout", ["AuthorizerFailures"]],
    ["Verify", "report", "failure", ["AuthorizerFailures"]],
    ["Authorizer", "initReport", "error", ["AuthorizerFailures"]],
    // A REST API's refusal is thrown.
    ["Authorizer", "report", "error", []],
    ["Session", "report", "timeout", ["LoginFailures"]],
    ["Regenerate", "report", "timeout", ["Regenerations"]],
  ])("%s: Lambda's own %s %s", (group, type, status, metrics) => {
    expect(countedBy(group, { type: `platform.${type}`, record: { status } })).toEqual(metrics);
  });
});
