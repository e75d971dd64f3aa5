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
  const [token] = [...FROM_EVERYWHERE].reverse();
  const found = read(event(REQUEST), { awsRequestId: "lambda-1" });
  const credentials = [...found.credentials].sort((a, b) => (a.token < b.token ? 1 : -1));
  const expected = BECOMES[kind] as typeof found;
  expect({ ...found, credentials: [] }).toEqual({ ...expected, credentials: [] });
  expect(new Set(credentials)).toEqual(new Set(expected.credentials));
  // The cookie is tried last.
  if (credentials.length > 1) expect(found.credentials.at(-1)).toEqual(token);
});

describe("where API Gateway caches results, only what is in the identity sources counts", () => {
  const everywhere: ClientRequest = {
    headers: { Authorization: "Bearer header-token" },
    query: [["token", "query-token"]],
    cookies: ["__Host-pocketpaw_session=cookie-token"],
  };
  const all = ["header-token", "query-token", "cookie-token"];
  const tokensOf = (event: unknown) => read(event).credentials.map(({ token }) => token);
  const without = (event: object, name: string) => ({ ...event, [name]: undefined });

  test.each<[unknown, string[]]>([
    [undefined, all],
    [null, all],
    [[], all],
    [["Bearer header-token"], ["header-token"]],
    [["query-token"], ["query-token"]],
    [["a=b; __Host-pocketpaw_session=cookie-token"], ["cookie-token"]],
    [
      ["Bearer header-token", "query-token"],
      ["header-token", "query-token"],
    ],
    [["Bearer null"], []],
  ])("payload 2.0, identity sources %j: %j", (identitySource, found) => {
    expect(tokensOf({ ...httpApi2(everywhere), identitySource })).toEqual(found);
  });

  test.each<[unknown, string[]]>([
    [undefined, all],
    [null, all],
    ["Bearer header-token", ["header-token"]],
    ["Bearer header-token,query-token", ["header-token", "query-token"]],
    ["Bearer null", []],
  ])("payload 1.0, identity source %j: %j", (identitySource, found) => {
    const event = without({ ...httpApi1(everywhere), identitySource }, "authorizationToken");
    expect(tokensOf(event)).toEqual(found);
  });

  test.each<[string | undefined, string[]]>([
    ["Bearer header-token", ["header-token"]],
    ["Basic eDp5", []],
    [undefined, ["query-token", "cookie-token"]],
  ])("REST, which does not say: Authorization is one: %j: %j", (Authorization, found) => {
    const headers: Record<string, string> = Authorization ? { Authorization } : {};
    expect(tokensOf(restRequest({ ...everywhere, headers }))).toEqual(found);
  });

  test("$connect, which is never cached: any, also beside another scheme", () => {
    const headers = { Authorization: "Basic eDp5" };
    expect(tokensOf(webSocketConnect({ ...everywhere, headers }))).toEqual([
      "query-token",
      "cookie-token",
    ]);
  });

  test("a token with percent-encoded colons counts by what stands for it", () => {
    const identitySource = ["__Host-pocketpaw_session=session%3A1%3Aa"];
    const event = { ...httpApi2({ cookies: identitySource }), identitySource };
    expect(tokensOf(event)).toEqual(["session:1:a"]);
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
