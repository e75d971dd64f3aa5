import { describe, expect, test } from "vitest";
import { PLACES, send } from "../deployed/support/http.ts";
import { MASTER_TOKEN, sessionIdFor } from "../support/tokens.ts";
import { examples, INVALID, VALID } from "./examples.ts";

const { url, stage } = examples;
const EVERYWHERE = ["header", "query", "cookie"] as const;

/** How a route of each example is reached, where it finds a token, and what a refusal is there. */
const EXAMPLES = [
  {
    example: "serverless/shared-api.yml, the gateway's HTTP API",
    id: examples.gateway,
    target: "GET /reports",
    places: ["header"] as const,
    refusal: 403,
    missing: 401,
  },
  {
    example: "serverless/own-api.yml, an HTTP API",
    id: examples.serverlessHttp,
    target: "GET /reports",
    places: EVERYWHERE,
    refusal: 403,
    missing: 403,
  },
  {
    example: "serverless/rest-api.yml, a REST API with a REQUEST authorizer",
    id: examples.serverlessRest,
    target: `GET /${stage}/reports`,
    places: EVERYWHERE,
    refusal: 401,
    missing: 401,
  },
  {
    example: "sam, a REST API with a TOKEN authorizer",
    id: examples.samRest,
    target: "GET /live/reports",
    places: ["header"] as const,
    refusal: 401,
    missing: 401,
  },
  {
    example: "cdk, an HTTP API",
    id: examples.cdkHttp,
    target: "GET /reports",
    places: EVERYWHERE,
    refusal: 403,
    missing: 403,
  },
];

describe.each(EXAMPLES)("$example", ({ id, target, places, refusal, missing }) => {
  const api = { url, id };

  test.each(places)(
    "accepts a session token in the %s, and the route sees the caller",
    async (place) => {
      const reply = await send(api, ...PLACES[place](target, VALID));
      expect(reply.status).toBe(200);
      const [, expiresAt] = VALID.split(":");
      expect(reply.json()).toMatchObject({
        caller: { method: "session", sessionId: sessionIdFor(VALID), expiresAt },
      });
    },
  );

  test("accepts the token that the gateway issues", async () => {
    const gateway = { url, id: examples.gateway };
    const exchange = await send(gateway, ...PLACES.header("POST /api/auth/session", MASTER_TOKEN));
    const { session_token: token } = exchange.json() as { session_token: string };
    expect((await send(api, ...PLACES.header(target, token))).status).toBe(200);
  });

  test("shows the route no end for the master token", async () => {
    const reply = await send(api, ...PLACES.header(target, MASTER_TOKEN));
    const { caller } = reply.json() as { caller: unknown };
    expect(caller).toEqual({ method: "master", sessionId: sessionIdFor(MASTER_TOKEN) });
  });

  test.each(INVALID)("refuses %s", async (_, token) => {
    expect((await send(api, ...PLACES.header(target, token))).status).toBe(refusal);
  });

  test("refuses a request without a credential", async () => {
    expect((await send(api, target)).status).toBe(missing);
  });
});

test("a TOKEN authorizer accepts a session token without a scheme", async () => {
  const headers = { authorization: VALID };
  const api = { url, id: examples.samRest };
  expect((await send(api, "GET /live/reports", { headers })).status).toBe(200);
});
