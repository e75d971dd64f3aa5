import { describe, expect, test } from "vitest";
import { readRequest } from "../../../lib/http/request.ts";
import {
  type ClientRequest,
  EVENT_KINDS,
  HOST,
  httpApi1,
  httpApi2,
  REQUEST_ID,
  restRequest,
  SOURCE_IP,
  webSocketConnect,
} from "../../support/events.ts";

const read = (event: unknown, context?: unknown) => readRequest(event, context);

const REQUEST: ClientRequest = {
  method: "POST",
  path: "/api/x",
  headers: {
    AuthoriZation: "bearer h:1",
    Origin: "https://a.example",
    "Sec-Fetch-Site": "same-site",
  },
  query: [
    ["token", "q,1"],
    ["x", "y"],
    ["token", "q2"],
  ],
  cookies: ["theme=dark", "__Host-pocketpaw_session=c%3A1"],
};
const FROM_HEADER = [{ token: "h:1", source: "authorization" }];
const FROM_EVERYWHERE = [
  ...FROM_HEADER,
  { token: "q,1", source: "query" },
  { token: "q2", source: "query" },
  { token: "c:1", source: "cookie" },
];
const SENT = {
  info: { requestId: REQUEST_ID, sourceIp: SOURCE_IP },
  routeKey: undefined,
  method: "POST",
  path: "/api/x",
  host: HOST,
  origins: ["https://a.example"],
  fetchSites: ["same-site"],
  isWebSocketHandshake: false,
  credentials: FROM_EVERYWHERE,
  body: undefined,
  isBase64Encoded: false,
  authorizerContext: undefined,
  version: undefined,
  methodArn: expect.stringContaining(":execute-api:"),
};
const BECOMES: Record<string, object> = {
  "HTTP API, payload 2.0": {
    ...SENT,
    routeKey: "POST /api/x",
    version: "2.0",
    methodArn: undefined,
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

describe("where API Gateway caches results, only what is in the identity sources counts", () => {
  const [header, query, inCookie] = ["header-token", "query-token", "session:1:cookie"];
  const cookies = [`__Host-pocketpaw_session=${encodeURIComponent(inCookie)}`];
  const request = (Authorization: string): ClientRequest => ({
    headers: { Authorization },
    query: [["token", query]],
    cookies,
  });
  const [good, other] = [request(`Bearer ${header}`), request("Basic eDp5")];
  const all = [header, query, inCookie];

  test.each<[string, object, string[]]>([
    ...[undefined, null, []].flatMap((identitySource): [string, object, string[]][] => [
      ["payload 2.0, none", { ...httpApi2(good), identitySource }, all],
      ["payload 1.0, none", { ...httpApi1(good), identitySource, authorizationToken: null }, all],
    ]),
    [
      "payload 2.0, the header",
      { ...httpApi2(good), identitySource: [`Bearer ${header}`] },
      [header],
    ],
    ["payload 2.0, the query", { ...httpApi2(good), identitySource: [query] }, [query]],
    ["payload 2.0, the cookie", { ...httpApi2(good), identitySource: cookies }, [inCookie]],
    ["payload 2.0, two", { ...httpApi2(good), identitySource: [header, query] }, [header, query]],
    ["payload 2.0, another", { ...httpApi2(good), identitySource: ["Bearer null"] }, []],
    ["payload 1.0, the header", httpApi1(good), [header]],
    [
      "payload 1.0, two",
      { ...httpApi1(good), identitySource: `${header},${query}` },
      [header, query],
    ],
    ["payload 1.0, another", httpApi1(other), []],
    ["REST, Authorization, which it does not name", restRequest(good), [header]],
    ["REST, another Authorization", restRequest(other), []],
    [
      "a named source, whatever the version",
      { ...restRequest(good), identitySource: query },
      [query],
    ],
    ["REST, no Authorization", restRequest({ ...good, headers: {} }), [query, inCookie]],
    ["$connect, which is never cached", webSocketConnect(good), all],
    ["$connect, beside another scheme", webSocketConnect(other), [query, inCookie]],
  ])("%s", (_name, event, found) => {
    expect(read(event).credentials.map(({ token }) => token)).toEqual(found);
  });
});

describe("the method, the path, the body and the caller", () => {
  test("of a route behind an authorizer", () => {
    const lambda = { method: "session" };
    const event = {
      requestContext: { authorizer: { lambda } },
      body: "e30=",
      isBase64Encoded: true,
    };
    expect(read(event)).toMatchObject({
      authorizerContext: lambda,
      body: "e30=",
      isBase64Encoded: true,
    });
  });

  test.each([{ body: 7 }, { body: null }, { isBase64Encoded: "true" }, { isBase64Encoded: 1 }])(
    "that are of another type are none: %j",
    (event) => {
      expect(read(event)).toMatchObject({ body: undefined, isBase64Encoded: false });
    },
  );

  test.each([undefined, null, 7, ["GET"], {}])("a method of %j is none", (httpMethod) => {
    expect(read({ httpMethod }).method).toBeUndefined();
  });
});

describe("a header's values", () => {
  const originsIn = (event: unknown) => read(event).origins;

  test.each<[string, unknown, string[]]>([
    ["two spellings", { headers: { origin: "a", Origin: "b" } }, ["a", "b"]],
    ["a list", { headers: { origin: ["a", "b"] } }, ["a", "b"]],
    ["in multiValueHeaders alone", { multiValueHeaders: { OriGin: ["a", "b"] } }, ["a", "b"]],
    [
      "in both, once each",
      { headers: { Origin: "b" }, multiValueHeaders: { Origin: ["a", "b"] } },
      ["b", "a"],
    ],
    ["an empty one", { headers: { origin: "" } }, []],
    ["what is no text", { multiValueHeaders: { origin: [null, {}, "a"] } }, ["a"]],
    ["other headers", { headers: { origins: "a", "x-origin": "b" } }, []],
    ["headers that are none", { headers: "origin", multiValueHeaders: null }, []],
    ["an inherited one", { headers: Object.create({ origin: "a" }) }, []],
    ["no event", undefined, []],
  ])("%s", (_name, event, values) => {
    expect(originsIn(event)).toEqual(values);
  });

  test("may be any number, and nothing is thrown", () => {
    const origin = Array.from({ length: 500_000 }, (_, index) => String(index));
    expect(originsIn({ multiValueHeaders: { origin } })).toHaveLength(origin.length);
  });
});

test.each([
  ["PAW.example.com:8443", "paw.example.com:8443"],
  ["[::1]:8000", "[::1]:8000"],
  ...["evil.example/", "user@evil.example", "a b", "a,b", "https://a", "a#b", "a\\b"].map(noHost),
  ...["[::1", "a:port", "a:123456", "é.example", "a\n", ""].map(noHost),
])("Host %j names the host %j", (host, found) => {
  expect(read({ headers: { host } }).host).toBe(found);
  if (host === "") return;
  expect(read({ multiValueHeaders: { Host: [host, "other.example"] } }).host).toBeUndefined();
});

function noHost(host: string): [string, undefined] {
  return [host, undefined];
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
    const identity = { sourceIp: SOURCE_IP };
    const requestContext = {
      extendedRequestId: "",
      requestId: "r",
      http: { sourceIp: "" },
      identity,
    };
    expect(infoOf({ requestContext })).toEqual({ requestId: "r", sourceIp: SOURCE_IP });
  });

  test.each([
    ["198.51.100.7, 203.0.113.9", "198.51.100.7"],
    ["made up, 2001:db8::1 ,203.0.113.9", "2001:db8::1"],
    ["203.0.113.9", undefined],
    ["a token, 203.0.113.9", undefined],
    [`${"1".repeat(45)}, 203.0.113.9`, "1".repeat(45)],
    [`${"1".repeat(46)}, 203.0.113.9`, undefined],
    ["1, 203.0.113.9", undefined],
    ["", undefined],
  ])("X-Forwarded-For %j: the viewer's address is %j", (value, viewerIp) => {
    expect(infoOf({ headers: { "x-forwarded-for": value } })).toEqual({
      requestId: "lambda-1",
      ...(viewerIp && { viewerIp }),
    });
  });
});
