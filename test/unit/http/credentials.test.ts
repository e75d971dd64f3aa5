import { describe, expect, test } from "vitest";
import { readRequest } from "../../../lib/http/request.ts";
import { cookie, httpApi2 } from "../../support/events.ts";

const credentialsIn = (event: unknown) => readRequest(event, undefined).credentials;
const tokensIn = (event: unknown) => credentialsIn(event).map(({ token }) => token);
const host = "paw.example.com";

test("the same token in several places counts for the first of them: the cookie is the last", () => {
  const headers = { Authorization: "Bearer same" };
  const query: [string, string][] = [["token", "same"]];
  const event = httpApi2({ headers, query, ...cookie("same") });
  expect(credentialsIn(event)).toEqual([{ token: "same", source: "authorization" }]);
  const inQuery = [{ token: "same", source: "query" }];
  expect(credentialsIn(httpApi2({ query, ...cookie("same") }))).toEqual(inQuery);
});

test.each([
  ["Bearer abc", ["abc"]],
  ["bEaReR a:b", ["a:b"]],
  ["Bearer   abc  ", ["abc"]],
  ...["", "Bearer", "Bearer ", "abc", "Basic abc", "Bearerabc", "Bearer\tabc"].map(none),
  ...["Bearer a b", "Bearer a, Bearer b", "Token Bearer abc", " Bearer abc"].map(none),
  ...["Bearer abc\n", "Bearer é", "Bearer a\0b", "Bearer\u00a0a"].map(none),
])("Authorization %j holds %j", (authorization, tokens) => {
  expect(tokensIn({ headers: { authorization } })).toEqual(tokens);
});

test("of several Authorization headers all are looked at", () => {
  const Authorization = ["Basic x", "Bearer a", "bearer b"];
  expect(tokensIn({ version: "2.0", multiValueHeaders: { Authorization } })).toEqual(["a", "b"]);
});

test.each([
  ["token=a%3Ab", ["a:b"]],
  ["token=a:b&x=y&token=c", ["a:b", "c"]],
  ["token=a+b", ["a b"]],
  ["&&token=a&&", ["a"]],
  ["%74oken=a", ["a"]],
  ["token=%", ["%"]],
  ["token=%ff", ["\ufffd"]],
  ...["token=", "token", "x=token=a", "Token=a", "tokens=a", "token[]=a", "__proto__=a"].map(none),
])("the query %j holds %j", (rawQueryString, tokens) => {
  expect(tokensIn({ version: "2.0", rawQueryString })).toEqual(tokens);
});

test("the parsed parameters count where there is no raw query", () => {
  const queryStringParameters = { token: "a" };
  expect(tokensIn({ rawQueryString: "", queryStringParameters })).toEqual(["a"]);
  expect(tokensIn({ rawQueryString: "x=1", queryStringParameters })).toEqual([]);
  const multiValueQueryStringParameters = { token: ["a", "b"] };
  expect(tokensIn({ queryStringParameters, multiValueQueryStringParameters })).toEqual(["a", "b"]);
});

describe("the session cookie", () => {
  const NAME = "__Host-pocketpaw_session";

  test.each([
    [`${NAME}=a:b`, ["a:b"]],
    [`x=1;${NAME}=a;y=2`, ["a"]],
    [`x=1;   ${NAME} = a  ;y=2`, ["a"]],
    [`${NAME}="a:b"`, ["a:b"]],
    [`${NAME}=""a""`, ['"a"']],
    [`${NAME}="a`, ['"a']],
    [`${NAME}="a"b`, ['"a"b']],
    [`${NAME}=a=b==`, ["a=b=="]],
    [`${NAME}=session%3A1%3Aa`, ["session:1:a"]],
    [`${NAME}=%22a%22`, ['"a"']],
    [`${NAME}=a%253Ab`, ["a%3Ab"]],
    [`${NAME}=%`, ["%"]],
    [`${NAME}=planted; ${NAME}=good`, ["planted", "good"]],
    [`; ; =; =x; ${NAME}=a`, ["a"]],
    ...[`${NAME}=`, `${NAME}=""`, NAME, `${NAME}2`, `${NAME}2=a`, `x${NAME}=a`].map(none),
    ...[`a=${NAME}=a`, "__host-pocketpaw_session=a", "__Host-pocketpaw%5Fsession=a"].map(none),
    ...["pocketpaw_session=a", "pocketpaw_gateway_session=a"].map(none),
    // A page of a sibling domain can set these, since they have not the prefix `__Host-`.
    ...["\u00a0", "\u2000", "\u3000", "\ufeff", "\v"].flatMap((space) =>
      [`${space}${NAME}=a`, `${NAME}${space}=a`].map(none),
    ),
  ])("%j holds %j", (value, tokens) => {
    expect(tokensIn({ headers: { host, cookie: value } })).toEqual(tokens);
    expect(tokensIn({ multiValueHeaders: { Host: [host], Cookie: [value] } })).toEqual(tokens);
    expect(tokensIn({ headers: { host }, cookies: [value] })).toEqual(tokens);
  });

  test.each([
    ["paw.example.com", ["https"]],
    ["localhost:8000", ["loopback"]],
    ["", []],
    ["two.example,hosts.example", []],
  ])("has a name for each kind of host: on %j counts %j", (Host, tokens) => {
    const cookies = [`${NAME}=https`, "pocketpaw_gateway_session=loopback", "pocketpaw_session=no"];
    expect(tokensIn({ headers: { Host }, cookies })).toEqual(tokens);
  });
});

describe("a TOKEN authorizer's token source", () => {
  const found = (authorizationToken: unknown, type = "TOKEN") =>
    credentialsIn({ type, authorizationToken });

  test("may hold the token without a scheme", () => {
    expect(found("session:1:mac")).toEqual([{ token: "session:1:mac", source: "token_source" }]);
    expect(found("Bearer a:b")).toEqual([{ token: "a:b", source: "authorization" }]);
  });

  test.each(["", "a b", " a", "é", "a\n", "Basic a", 7, null])("holds none: %j", (value) => {
    expect(found(value)).toEqual([]);
  });

  test("counts for a TOKEN authorizer only", () => {
    expect(found("session:1:mac", "REQUEST")).toEqual([]);
  });
});

test.each<object>([
  { headers: null },
  { headers: "Bearer a" },
  { headers: ["authorization", "Bearer a"] },
  { headers: { authorization: 7, cookie: {} } },
  { headers: { authorization: { 0: "Bearer a" } } },
  { headers: { "proxy-authorization": "Bearer a", "x-api-key": "a", token: "a" } },
  { headers: Object.create({ authorization: "Bearer a" }) },
  { multiValueHeaders: { authorization: [null, 7, ["Bearer a"]] } },
  { cookies: 7 },
  { cookies: [null, {}, ["__Host-pocketpaw_session=a"]] },
  { rawQueryString: { token: "a" } },
  { queryStringParameters: { token: { a: 1 } } },
  { queryStringParameters: "token=a" },
  { queryStringParameters: JSON.parse('{"__proto__":{"token":"a"}}') },
  { multiValueQueryStringParameters: null },
  { authorizationToken: { Bearer: "a" } },
  { body: '{"token":"a"}', rawPath: "/?token=a" },
])("odd or other parts hold no credential: %j", (parts) => {
  expect(tokensIn({ headers: { host }, ...parts })).toEqual([]);
});

function none(text: string): [string, string[]] {
  return [text, []];
}
