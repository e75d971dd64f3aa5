import fc from "fast-check";
import { expect, test } from "vitest";
import { requestInfoOf } from "../../../lib/http/request-info.ts";
import { EVENT_KINDS, exchangeRequest, REQUEST_ID, SOURCE_IP } from "../../support/events.ts";

const context = { awsRequestId: "lambda-1" };
const kindsWithContext = Object.entries({ ...EVENT_KINDS, exchange: exchangeRequest }).filter(
  ([kind]) => kind !== "REST API, TOKEN",
);

test.each(kindsWithContext)("%s: request id and address are API Gateway's", (_kind, event) => {
  const caller = { requestId: REQUEST_ID, sourceIp: SOURCE_IP };
  expect(requestInfoOf(event({}), context)).toEqual(caller);
});

test("REST API, TOKEN: the request id is Lambda's, and there is no address", () => {
  expect(requestInfoOf(EVENT_KINDS["REST API, TOKEN"]?.({}), context)).toEqual({
    requestId: "lambda-1",
  });
});

test("a request id that a REST API's client chose is not the one that is logged", () => {
  const requestContext = { requestId: "the client's", extendedRequestId: "API Gateway's" };
  expect(requestInfoOf({ requestContext }, context)).toEqual({ requestId: "API Gateway's" });
});

test("an empty request id or address is none: the next one counts", () => {
  const requestContext = {
    extendedRequestId: "",
    requestId: "r",
    http: { sourceIp: "" },
    identity: { sourceIp: SOURCE_IP },
  };
  expect(requestInfoOf({ requestContext }, context)).toEqual({
    requestId: "r",
    sourceIp: SOURCE_IP,
  });
});

test("X-Forwarded-For, which a client can write, is no address", () => {
  expect(requestInfoOf({ headers: { "x-forwarded-for": "1.2.3.4" } }, undefined)).toEqual({});
});

test("whatever the event is, there are at most two texts, and nothing throws", () => {
  const junk = fc.anything();
  const events = fc.oneof(
    junk,
    fc.record({ requestContext: junk }),
    fc.record({
      requestContext: fc.record({ requestId: junk, http: junk, identity: junk }),
    }),
  );
  fc.assert(
    fc.property(events, junk, (event, lambdaContext) => {
      const caller = requestInfoOf(event, lambdaContext);
      for (const [name, value] of Object.entries(caller)) {
        expect(name).toBeOneOf(["requestId", "sourceIp"]);
        expect(typeof value).toBe("string");
      }
    }),
  );
});
