import { describe, expect, test } from "vitest";
import { matches } from "../deploy/filter-pattern.ts";
import { forgedToken, nativeToken, sessionIdFor, sessionToken } from "../support/tokens.ts";
import { deployed, functionName, gateway } from "./support/deployed.ts";
import { callAws, logOf } from "./support/emulator.ts";
import { PLACES, send } from "./support/http.ts";
import { SERVICE } from "./support/stack.ts";

const { url, masterToken, hmacKey, stage } = deployed;
const now = Math.floor(Date.now() / 1000);
const allowed = sessionToken(masterToken, hmacKey, now + 3700);
const forged = forgedToken(now + 3700, 3);

/** An operation of CloudWatch Logs. */
async function logs(operation: string, input: object): Promise<Record<string, unknown>> {
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `Logs_20140328.${operation}`,
  };
  const options = { method: "POST", headers, body: JSON.stringify(input) };
  return JSON.parse(await callAws(url, "logs", "/", options));
}

describe("the functions' logs", () => {
  test("hold a line for each decision, which names the session", async () => {
    await send(gateway, ...PLACES.header("GET /api/auth/session", allowed));
    await send(gateway, ...PLACES.header("GET /api/auth/session", forged));
    const lines = await logOf(url, functionName("authorizer"));
    expect(lines).toContainEqual(
      expect.objectContaining({
        event: "authorization",
        outcome: "allowed",
        method: "session",
        sessionId: sessionIdFor(allowed),
        requestId: expect.any(String),
        sourceIp: expect.any(String),
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({
        event: "authorization",
        outcome: "refused",
        reason: "bad_mac",
        sessionId: sessionIdFor(forged),
      }),
    );
  });

  test("hold no token, key or cookie", async () => {
    const native = nativeToken(masterToken, now + 3700);
    const tokens = [allowed, forged, native, masterToken, "8c7e6f0a-3b1d-4e2f-9a5c-d4b3c2a1f0e9"];
    const issued = [];
    for (const token of tokens) {
      for (const place of Object.values(PLACES)) {
        await send(gateway, ...place("GET /api/auth/session", token));
      }
      const reply = await send(gateway, ...PLACES.header("POST /api/auth/session", token));
      if (reply.status === 200) issued.push((reply.json() as Record<string, string>).session_token);
    }
    const names = ["session", "authorizer", "session-status"].map((key) => functionName(key));
    const text = JSON.stringify(await Promise.all(names.map((name) => logOf(url, name))));
    expect(text).toContain(sessionIdFor(native));
    expect(issued).toHaveLength(1);
    for (const secret of [...tokens, ...issued, hmacKey, "pocketpaw_session", "Bearer"]) {
      expect(text).not.toContain(secret);
    }
  });
});

test("the metric of wrong tokens counts the lines of forged ones, as they are in the log", async () => {
  await send(gateway, ...PLACES.header("GET /api/auth/session", forged));
  await send(gateway, ...PLACES.header("POST /api/auth/session", forged));
  for (const key of ["session", "authorizer"]) {
    const { metricFilters } = await logs("DescribeMetricFilters", {
      logGroupName: `/aws/lambda/${functionName(key)}`,
    });
    const filters = metricFilters as {
      filterPattern: string;
      metricTransformations: { metricNamespace: string; metricName: string }[];
    }[];
    const [filter] = filters.filter(({ metricTransformations: [found] }) =>
      expect.objectContaining({ metricName: "WrongTokens" }).asymmetricMatch(found),
    );
    expect(filter?.metricTransformations[0]?.metricNamespace).toBe(`${SERVICE}-${stage}`);
    // MiniStack evaluates no pattern on JSON.
    const counted = (await logOf(url, functionName(key))).filter((line) =>
      matches(filter?.filterPattern ?? "", line),
    );
    expect(counted).not.toEqual([]);
    for (const { outcome } of counted) expect(outcome).toBe("refused");
  }
});
