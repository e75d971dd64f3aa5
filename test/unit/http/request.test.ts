import { describe, expect, test } from "vitest";
import { readOriginalRequest, readRequest } from "../../../lib/http/request.ts";
import {
  type ClientRequest,
  EVENT_KINDS,
  HOST,
  httpApi1,
  httpApi2,
  INFO,
  restRequest,
  SOURCE_IP,
  verifyRequest,
  webSocketConnect,
} from "../../support/events.ts";

const read = (event: unknown, context?: unknown) => readRequest(event, context);

const headers = {
  AuthoriZation: "bearer h:1",
  Origin: "https://a.example",
  "Sec-Fetch-Site": "same-site",
  // What no proxy is asked for counts for nothing.
  "X-Forwarded-Host": "evil.example",
  "X-Forwarded-For": "198.51.100.7",
};
const REQUEST: ClientRequest = {
  method: "POST",
  path: "/api/x",
  headers,
  query: [
    ["token", "q,1"],
    ["x", "y"],
    ["token", "q2"],
  ],
  cookies: ["theme=dark", "__Host-pocketpaw_session=c%3A1"],
};
const FROM_HEADER = [{ token: "h:1", source: "authorization" }];
const FROM_COOKIE = [{ token: "c:1", source: "cookie" }];
const FROM_EVERYWHERE = [
  ...FROM_HEADER,
  { token: "q,1", source: "query" },
  { token: "q2", source: "query" },
  ...FROM_COOKIE,
];
const SENT = {
  info: INFO,
  routeKey: undefined,
  ...{ method: "POST", path: "/api/x", host: HOST },
  ...{ origins: ["https://a.example"], fetchSites: ["same-site"], isWebSocketHandshake: false },
  credentials: FROM_EVERYWHERE,
  ...{ body: undefined, isBase64Encoded: false, authorizerContext: undefined, version: undefined },
  methodArn: expect.stringContaining(":execute-api:"),
};
const BECOMES: Record<string, object> = {
  "HTTP API, payload 2.0": {
    ...SENT,
    ...{ routeKey: "POST /api/x", version: "2.0", methodArn: undefined },
  },
  "HTTP API, payload 1.0": { ...SENT, credentials: FROM_HEADER, version: "1.0" },
  "REST API, REQUEST": { ...SENT, credentials: FROM_HEADER },
  "REST API, TOKEN": {
    ...SENT,
    info: { requestId: "lambda-1" },
    ...{ method: undefined, path: undefined, host: undefined, origins: [], fetchSites: [] },
    credentials: FROM_HEADER,
  },
  "WebSocket API, $connect": {
    ...SENT,
    ...{ method: undefined, path: undefined, isWebSocketHandshake: true },
  },
};

test.each(Object.entries(EVENT_KINDS))("a request in an event of %s", (kind, event) => {
  const { credentials, ...found } = read(event(REQUEST), { awsRequestId: "lambda-1" });
  const { credentials: expected, ...rest } = BECOMES[kind] as { credentials: object[] };
  expect(found).toEqual(rest);
  expect(new Set(credentials)).toEqual(new Set(expected));
  // The cookie is tried last.
  expect(credentials.at(-1)).toEqual(expected.at(-1));
});

test("a request that a proxy asks about, whose query holds no credential", () => {
  expect(readOriginalRequest(verifyRequest(REQUEST), undefined)).toEqual({
    ...BECOMES["HTTP API, payload 2.0"],
    routeKey: "GET /api/auth/verify",
    credentials: [...FROM_HEADER, ...FROM_COOKIE],
  });
});

describe("where API Gateway caches results, only what is in the identity sources counts", () => {
  const cookies = ["__Host-pocketpaw_session=session%3A1%3Acookie"];
  const request = (Authorization: string): ClientRequest => ({
    headers: { Authorization },
    query: [["token", "in-query"]],
    cookies,
  });
  const [good, other] = [request("Bearer in-header"), request("Basic eDp5")];
  const [header, query, inCookie] = ["in-header", "in-query", "session:1:cookie"];
  const all = [header, query, inCookie];
  const v2 = (identitySource: unknown) => ({ ...httpApi2(good), identitySource });
  const v1 = (identitySource: unknown) => ({ ...httpApi1(good), identitySource });

  test.each<[string, object, string[]]>([
    ...[undefined, null, []].flatMap((none): [string, object, string[]][] => [
      ["payload 2.0, none", v2(none), all],
      ["payload 1.0, none", { ...v1(none), authorizationToken: null }, all],
    ]),
    ["payload 2.0, the header", v2([`Bearer ${header}`]), [header]],
    ["payload 2.0, the query", v2([query]), [query]],
    ["payload 2.0, the cookie", v2(cookies), [inCookie]],
    ["payload 2.0, two", v2([header, query]), [header, query]],
    ["payload 2.0, another", v2(["Bearer null"]), []],
    ["payload 1.0, the header", httpApi1(good), [header]],
    ["payload 1.0, two", v1(`${header},${query}`), [header, query]],
    ["payload 1.0, another", httpApi1(other), []],
    ["REST, Authorization, which it does not name", restRequest(good), [header]],
    ["REST, another Authorization", restRequest(other), []],
    ["REST, one that is named", { ...restRequest(good), identitySource: query }, [query]],
    ["REST, no Authorization", restRequest({ ...good, headers: {} }), [query, inCookie]],
    ["$connect, which is never cached", webSocketConnect(good), all],
    ["$connect, beside another scheme", webSocketConnect(other), [query, inCookie]],
  ])("%s", (_name, event, found) => {
    expect(read(event).credentials.map(({ token }) => token)).toEqual(found);
  });
});

describe("the method, the body and the caller", () => {
  test("of a route behind an authorizer", () => {
    const lambda = { method: "session" };
    const body = { body: "e30=", isBase64Encoded: true };
    const found = read({ requestContext: { authorizer: { lambda } }, ...body });
    expect(found).toMatchObject({ authorizerContext: lambda, ...body });
  });

  const ODD = [{ body: 7 }, { body: null }, { isBase64Encoded: "true" }, { isBase64Encoded: 1 }];
  test.each(ODD)("that are of another type are none: %j", (event) => {
    expect(read(event)).toMatchObject({ body: undefined, isBase64Encoded: false });
  });

  test.each([undefined, null, 7, ["GET"], {}])("a method of %j is none", (httpMethod) => {
    expect(read({ httpMethod }).method).toBeUndefined();
  });
});

describe("a header's values", () => {
  const IN_LISTS = { multiValueHeaders: { OriGin: ["a", "b"] } };

  test.each<[string, unknown, string[]]>([
    ["two spellings", { headers: { origin: "a", Origin: "b" } }, ["a", "b"]],
    ["a list", { headers: { origin: ["a", "b"] } }, ["a", "b"]],
    ["in multiValueHeaders alone", IN_LISTS, ["a", "b"]],
    ["in both, once each", { headers: { Origin: "b" }, ...IN_LISTS }, ["b", "a"]],
    ["an empty one", { headers: { origin: "" } }, []],
    ["what is no text", { multiValueHeaders: { origin: [null, {}, "a"] } }, ["a"]],
    ["other headers", { headers: { origins: "a", "x-origin": "b" } }, []],
    ["headers that are none", { headers: "origin", multiValueHeaders: null }, []],
    ["an inherited one", { headers: Object.create({ origin: "a" }) }, []],
    ["no event", undefined, []],
  ])("%s", (_name, event, values) => {
    expect(read(event).origins).toEqual(values);
  });

  test("may be any number, and nothing is thrown", () => {
    const origin = Array.from({ length: 500_000 }, (_, index) => String(index));
    expect(read({ multiValueHeaders: { origin } }).origins).toHaveLength(origin.length);
  });
});

test.each([
  ["PAW.example.com:8443", "paw.example.com:8443"],
  ["[::1]:8000", "[::1]:8000"],
  ...["evil.example/", "user@evil.example", "a b", "a,b", "https://a", "a#b", "a\\b"].map(none),
  ...["[::1", "a:port", "a:123456", "é.example", "a\n", ""].map(none),
])("Host %j names the host %j", (host, found) => {
  expect(read({ headers: { host } }).host).toBe(found);
  if (host === "") return;
  expect(read({ multiValueHeaders: { Host: [host, "other.example"] } }).host).toBeUndefined();
});

function none(text: string): [string, undefined] {
  return [text, undefined];
}

test.each([
  ["Upgrade", "websocket", true],
  ["upgrade", "WebSocket", true],
  ["UPGRADE", "h2c, websocket", true],
  ["upgrade", "websocket/13", true],
  ["upgrade", "websocket, h2c", true],
  ["Sec-WebSocket-Key", "any", true],
  ["upgrade", "h2c", false],
  ["upgrade", "xwebsocket", false],
  ["upgrade", "websockets", false],
])("%s: %s is a WebSocket handshake: %j", (name, value, expected) => {
  expect(read(httpApi2({ headers: { [name]: value } })).isWebSocketHandshake).toBe(expected);
});

describe("request id and addresses", () => {
  const infoOf = (event: unknown) => read(event, { awsRequestId: "lambda-1" }).info;

  test("a request id that a REST API's client chose is not the one that is logged", () => {
    const requestContext = { requestId: "the client's", extendedRequestId: "API Gateway's" };
    expect(infoOf({ requestContext })).toEqual({ requestId: "API Gateway's" });
  });

  test("an empty one is none: the next one counts", () => {
    const ids = { extendedRequestId: "", requestId: "r" };
    const requestContext = { ...ids, http: { sourceIp: "" }, identity: { sourceIp: SOURCE_IP } };
    expect(infoOf({ requestContext })).toEqual({ requestId: "r", sourceIp: SOURCE_IP });
  });

  test.each([
    ["198.51.100.7, 203.0.113.9", "198.51.100.7"],
    ["made up, 2001:db8::1 ,203.0.113.9", "2001:db8::1"],
    [`${"1".repeat(45)}, 203.0.113.9`, "1".repeat(45)],
    ...["203.0.113.9", "a token, 203.0.113.9", "1, 203.0.113.9", ""].map(none),
    none(`${"1".repeat(46)}, 203.0.113.9`),
  ])("X-Forwarded-For %j: the viewer's address is %j", (value, viewerIp) => {
    const found = infoOf({ headers: { "x-forwarded-for": value } });
    expect(found).toEqual({ requestId: "lambda-1", viewerIp });
  });
});
