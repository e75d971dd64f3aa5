import { describe, expect, test } from "vitest";
import {
  findBearerTokens,
  findCredentials,
  type RequestParts,
} from "../../../lib/http/credentials.ts";
import {
  bearer,
  EVENT_KINDS,
  httpApi1,
  httpApi2,
  restRequest,
  webSocketConnect,
} from "../../support/events.ts";

const bearerTokens = (request: RequestParts) => findBearerTokens(request).map(({ token }) => token);
const tokensOf = (request: RequestParts) => findCredentials(request).map(({ token }) => token);

const QUERY_KINDS = Object.entries(EVENT_KINDS).filter(([kind]) => kind !== "REST API, TOKEN");

describe.each(Object.entries(EVENT_KINDS))("%s", (_kind, event) => {
  test.each(
    ["Authorization", "authorization"].flatMap((name) =>
      ["Bearer", "bearer", "BEARER", "bEaReR"].map((scheme) => [name, scheme]),
    ),
  )("a bearer token is found once in %s: %s", (name = "", scheme = "") => {
    const request = { headers: { [name]: `${scheme} a:b` } };
    expect(bearerTokens(event(request))).toEqual(["a:b"]);
    expect(tokensOf(event(request))).toEqual(["a:b"]);
  });

  test("a request without any has none", () => {
    expect(tokensOf(event({}))).toEqual([]);
  });
});

describe.each(QUERY_KINDS)("%s", (_kind, event) => {
  test("query parameter and cookie are found, in this order", () => {
    const request = {
      query: [["token", "q"]] as [string, string][],
      cookies: ["theme=dark", "pocketpaw_session=c"],
    };
    expect(tokensOf(event(request))).toEqual(["q", "c"]);
  });

  test("each is returned with its source", () => {
    const request = {
      query: [["token", "q"]] as [string, string][],
      cookies: ["pocketpaw_session=c"],
    };
    expect(findCredentials(event(request))).toEqual([
      { token: "q", source: "query" },
      { token: "c", source: "cookie" },
    ]);
    expect(findCredentials(event(bearer("h")))).toEqual([{ token: "h", source: "authorization" }]);
  });

  test("the same credential in three places counts for the first of them, the header", () => {
    const request = {
      ...bearer("same"),
      query: [["token", "same"]] as [string, string][],
      cookies: ["pocketpaw_session=same"],
    };
    expect(findCredentials(event(request))).toEqual([{ token: "same", source: "authorization" }]);
  });

  test("every repetition of the query parameter and of the cookie is found", () => {
    const request = {
      query: [
        ["token", "one"],
        ["x", "y"],
        ["token", "two"],
      ] as [string, string][],
      cookies: ["pocketpaw_session=three", "pocketpaw_session=four"],
    };
    expect(tokensOf(event(request)).sort()).toEqual(["four", "one", "three", "two"]);
  });

  test("a comma in a query parameter belongs to it", () => {
    expect(tokensOf(event({ query: [["token", "a,b"]] }))).toEqual(["a,b"]);
  });

  test("look-alikes of the query parameter and of the cookie are not taken", () => {
    const request = {
      query: ["Token", "TOKEN", "token ", "tokens", "xtoken", "token[]", "__proto__"].map(
        (name): [string, string] => [name, "x"],
      ),
      cookies: [
        "Pocketpaw_session=x",
        "pocketpaw_session2=x",
        "xpocketpaw_session=x",
        "__Host-pocketpaw_session=x",
        "pocketpaw%5Fsession=x",
        "a=pocketpaw_session=x",
        "pocketpaw_session",
      ],
    };
    expect(tokensOf(event(request))).toEqual([]);
  });
});

describe("where a result is filed under identity sources, only what stands in them counts", () => {
  const everywhere = {
    ...bearer("header-token"),
    query: [["token", "query-token"]] as [string, string][],
    cookies: ["pocketpaw_session=cookie-token"],
  };
  const all = ["header-token", "query-token", "cookie-token"];

  test.each([
    [undefined, all],
    [null, all],
    [[], all],
    [["Bearer header-token"], ["header-token"]],
    [["query-token"], ["query-token"]],
    [["a=b; pocketpaw_session=cookie-token"], ["cookie-token"]],
    [
      ["Bearer header-token", "query-token"],
      ["header-token", "query-token"],
    ],
    [["Bearer null"], []],
    [["something else"], []],
  ])("payload 2.0, identity sources %j: %j", (identitySource, found) => {
    expect(tokensOf({ ...httpApi2(everywhere), identitySource })).toEqual(found);
  });

  test.each([
    ["Bearer header-token", ["header-token"]],
    ["query-token", ["query-token"]],
    ["Bearer header-token,query-token", ["header-token", "query-token"]],
    ["Bearer null", []],
  ])("payload 1.0, identity source %j: %j", (identitySource, found) => {
    expect(tokensOf({ ...httpApi1(everywhere), identitySource })).toEqual(found);
  });

  test.each(Object.entries({ httpApi1, restRequest, webSocketConnect }))(
    "%s, which does not decide it: the Authorization header, where there is one",
    (_name, event) => {
      expect(tokensOf(event(everywhere))).toEqual(["header-token"]);
      const withHeader = (Authorization: string) =>
        tokensOf(event({ ...everywhere, headers: { Authorization } }));
      expect(withHeader("Bearer null")).toEqual(["null"]);
      expect(withHeader("Basic cXVlcnk=")).toEqual([]);
      expect(withHeader("x")).toEqual([]);
      expect(tokensOf(event({ ...everywhere, headers: {} }))).toEqual(all.slice(1));
    },
  );
});

describe("the Authorization header", () => {
  test.each([
    ["Bearer abc", ["abc"]],
    ["Bearer   abc", ["abc"]],
    ["Bearer abc  ", ["abc"]],
    ["Bearer", []],
    ["Bearer ", []],
    ["", []],
    ["abc", []],
    ["Basic abc", []],
    ["Bearerabc", []],
    ["Bearer\tabc", []],
    ["Bearer abc\n", []],
    ["Bearer a b", []],
    ["Bearer a, Bearer b", []],
    ["Token Bearer abc", []],
    [" Bearer abc", []],
    ["Bearer é", []],
    ["Bearer a\0b", []],
  ])("%j holds %j", (value, tokens) => {
    expect(bearerTokens({ headers: { authorization: value } })).toEqual(tokens);
  });

  test("several of them are all looked at", () => {
    const request = { multiValueHeaders: { Authorization: ["Basic x", "Bearer a", "bearer b"] } };
    expect(bearerTokens(request)).toEqual(["a", "b"]);
  });

  test("only it holds bearer tokens: neither query parameter nor cookie", () => {
    const event = httpApi2({ query: [["token", "q"]], cookies: ["pocketpaw_session=c"] });
    expect(bearerTokens(event)).toEqual([]);
  });
});

describe("the cookie", () => {
  test.each([
    ["pocketpaw_session=a:b", ["a:b"]],
    ["x=1;pocketpaw_session=a;y=2", ["a"]],
    ["x=1;   pocketpaw_session=a  ;y=2", ["a"]],
    ["pocketpaw_session = a", ["a"]],
    ['pocketpaw_session="a:b"', ["a:b"]],
    ['pocketpaw_session=""', []],
    ["pocketpaw_session=", []],
    ['pocketpaw_session="a', ['"a']],
    ["pocketpaw_session=a=b==", ["a=b=="]],
    ["pocketpaw_session=session%3A1%3Aa", ["session:1:a"]],
    ["pocketpaw_session=%22a%22", ['"a"']],
    ["pocketpaw_session=a%253Ab", ["a%3Ab"]],
    ["pocketpaw_session=%", ["%"]],
    ["pocketpaw_session=%ff", ["%ff"]],
    ["; ; =; =x; pocketpaw_session=a", ["a"]],
  ])("%j holds %j", (value, tokens) => {
    expect(tokensOf({ headers: { cookie: value } })).toEqual(tokens);
    expect(tokensOf({ headers: { Cookie: value } })).toEqual(tokens);
    expect(tokensOf({ cookies: [value] })).toEqual(tokens);
  });
});

describe("a TOKEN authorizer's token source", () => {
  const found = (authorizationToken: unknown, type = "TOKEN") =>
    findCredentials({ type, authorizationToken });

  test("may hold the token without a scheme", () => {
    expect(found("session:1:mac")).toEqual([{ token: "session:1:mac", source: "token_source" }]);
  });

  test("with a scheme holds a bearer token only", () => {
    expect(found("Bearer a:b")).toEqual([{ token: "a:b", source: "authorization" }]);
  });

  test.each(["", "a b", " a", "é", "a\n", "Basic a", 7, null])("holds none: %j", (value) => {
    expect(found(value)).toEqual([]);
  });

  test("counts for a TOKEN authorizer only", () => {
    expect(found("session:1:mac", "REQUEST")).toEqual([]);
  });
});

describe("the query string", () => {
  test("where the raw one is empty, the parameters count", () => {
    const queryStringParameters = { token: "a" };
    expect(tokensOf({ rawQueryString: "", queryStringParameters })).toEqual(["a"]);
    expect(tokensOf({ rawQueryString: "x=1", queryStringParameters })).toEqual([]);
  });

  test.each([
    ["token=a%3Ab", ["a:b"]],
    ["token=a:b", ["a:b"]],
    ["token=a+b", ["a b"]],
    ["token=", []],
    ["token", []],
    ["&&token=a&&", ["a"]],
    ["%74oken=a", ["a"]],
    ["token=%", ["%"]],
    ["token=%ff", ["\ufffd"]],
    ["x=token=a", []],
  ])("%j holds %j", (rawQueryString, tokens) => {
    expect(tokensOf({ rawQueryString })).toEqual(tokens);
  });
});

test.each([
  ["headers", null],
  ["headers", "Bearer a"],
  ["headers", ["authorization", "Bearer a"]],
  ["headers", { authorization: 7, cookie: {} }],
  ["headers", { authorization: { 0: "Bearer a" } }],
  ["multiValueHeaders", { authorization: [null, 7, ["Bearer a"]] }],
  ["cookies", 7],
  ["cookies", [null, {}, ["pocketpaw_session=a"]]],
  ["rawQueryString", { token: "a" }],
  ["queryStringParameters", { token: { a: 1 } }],
  ["queryStringParameters", "token=a"],
  ["multiValueQueryStringParameters", null],
  ["authorizationToken", { Bearer: "a" }],
])("odd %s hold no credential: %j", (part, value) => {
  expect(tokensOf({ [part]: value })).toEqual([]);
});
