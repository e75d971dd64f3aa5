import { describe, expect, test } from "vitest";
import { PLACES, send } from "../support/http.ts";
import { MASTER_TOKEN, sessionIdFor } from "../support/tokens.ts";
import { examples, INVALID, VALID } from "./examples.ts";

const { stage } = examples;
const EVERYWHERE = ["header", "query", "cookie"] as const;

/** How a route of each example is reached, where it finds a token, and what a refusal and a missing token are there. */
const { gateway, serverlessHttp, serverlessRest, samRest, cdkHttp } = examples;
const EXAMPLES = [
  ["shared-api.yml, the gateway's", gateway, "GET /reports", ["header"], 403, 401],
  ["own-api.yml, an HTTP API", serverlessHttp, "GET /reports", EVERYWHERE, 403, 403],
  ["rest-api.yml, a REST API", serverlessRest, `GET /${stage}/reports`, EVERYWHERE, 401, 401],
  ["sam, a REST API (TOKEN)", samRest, "GET /live/reports", ["header"], 401, 401],
  ["cdk, an HTTP API", cdkHttp, "GET /reports", EVERYWHERE, 403, 403],
] as const;

describe.each(EXAMPLES)("%s", (_example, api, target, places, refusal, missing) => {
  test.each(places)(
    "accepts a session token in the %s, and the route sees the caller",
    async (place) => {
      const reply = await send(api, ...PLACES[place](target, VALID));
      expect(reply.status).toBe(200);
      const [, expiresAt] = VALID.split(":");
      const caller = { method: "session", sessionId: sessionIdFor(VALID), expiresAt };
      expect(JSON.parse(reply.text)).toMatchObject({ caller });
    },
  );

  test("shows the route no end for the master token", async () => {
    const reply = await send(api, ...PLACES.header(target, MASTER_TOKEN));
    expect(JSON.parse(reply.text).caller).toEqual({
      method: "master",
      sessionId: sessionIdFor(MASTER_TOKEN),
    });
  });

  test.each(INVALID)("refuses %s", async (_, token) => {
    expect((await send(api, ...PLACES.header(target, token))).status).toBe(refusal);
  });

  test("refuses a request without a credential", async () => {
    expect((await send(api, target)).status).toBe(missing);
  });
});

test("a TOKEN authorizer accepts a session token without a scheme", async () => {
  const { status } = await send(samRest, "GET /live/reports", { authorization: VALID });
  expect(status).toBe(200);
});
