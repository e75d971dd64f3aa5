// The CloudFront Functions as CloudFront runs them: scripts with one global function, given events of CloudFront's
// shape.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { DIRECT_PATHS, WEBSOCKET_PATHS } from "../../deploy/routes.js";
import { ROOT } from "../support/checkout.ts";

interface Field {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}
type Fields = Readonly<Record<string, Field>>;
interface Request extends Readonly<Record<"headers" | "cookies" | "querystring", Fields>> {
  readonly method: string;
  readonly uri: string;
}

const HOST = "paw.example.com";
const NOW = Date.UTC(2026, 0, 1);
const EXP = NOW / 1000 + 1;
const MAC = "0123456789abcdef".repeat(4);
const TOKEN = `session:${EXP}:${MAC}`;
const COOKIE = "__Host-pocketpaw_session";
const LOOPBACK_COOKIE = "pocketpaw_gateway_session";
const FORBIDDEN = { statusCode: 403, headers: { "cache-control": { value: "no-store" } } };

function code(name: string) {
  return readFileSync(join(ROOT, "deploy", "cloudfront", `${name}.js`), "utf8");
}

function field(value: string, ...others: string[]): Field {
  if (others.length === 0) return { value };
  return { value, multiValue: [value, ...others].map((each) => ({ value: each })) };
}

/** What a function returns at the time NOW, as the JSON in which it leaves the runtime. */
function run(name: string, request: Request) {
  const context = createContext({ input: JSON.stringify({ version: "1.0", request }), NOW });
  runInContext(`Date.now = () => NOW; ${code(name)}`, context);
  return JSON.parse(runInContext("JSON.stringify(handler(JSON.parse(input)))", context));
}

test.each(["direct", "token-link"])(
  "%s.js has at most 10 KB, no module, and no syntax that cloudfront-js-2.0 lacks or the framework resolves",
  (name) => {
    expect(Buffer.byteLength(code(name))).toBeLessThan(10_240);
    // ES2015 without what the runtime does not name among its features.
    const older = transformSync(code(name), { target: "es2015", minifyWhitespace: true }).code;
    expect(older).toBe(transformSync(code(name), { minifyWhitespace: true }).code);
    expect(code(name)).not.toMatch(
      /^\s*(import|export)\b|\brequire\(|\bclass\b|\.\.\.[a-z]|\beval\b|\$\{/m,
    );
  },
);

test("the function's WebSocket paths are the stack's", () => {
  expect(code("direct")).toContain(JSON.stringify(WEBSOCKET_PATHS).replaceAll(",", ", "));
});

/** A request of the dashboard's own page on a direct path. */
function request(changes: Partial<Request> = {}): Request {
  return {
    method: "GET",
    uri: "/api/v1/events/stream",
    cookies: { [COOKIE]: field(TOKEN) },
    querystring: {},
    ...changes,
    headers: { host: field(HOST), ...changes.headers },
  };
}
function handshake(changes: Partial<Request> = {}): Request {
  const headers = { origin: field(`https://${HOST}`), ...changes.headers };
  return request({ uri: "/ws", ...changes, headers });
}
const direct = (changes: Request) => run("direct", changes);
const bearer = (authorization: Field) => request({ cookies: {}, headers: { authorization } });
const cookie = (value: Field, name = COOKIE) => request({ cookies: { [name]: value } });
const local = (host: string, value: Field, name = LOOPBACK_COOKIE) =>
  request({ cookies: { [name]: value }, headers: { host: field(host) } });

describe("on the direct paths goes on, unchanged,", () => {
  const good = bearer(field("Bearer x"));
  const own = local("127.0.0.1:80", field(TOKEN));
  const other = { host: field("Paw.Example.com:8443"), origin: field(`https://${HOST}:8443`) };
  test.each<[string, Request]>([
    ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map((method): [string, Request] => [
      `${method} with the cookie`,
      request({ method }),
    ]),
    ["a cookie with its colons encoded", cookie(field(TOKEN.replaceAll(":", "%3A")))],
    ["a cookie with its colons encoded in lower case", cookie(field(TOKEN.replaceAll(":", "%3a")))],
    ["a bearer token of any kind", bearer(field("Bearer 0b2b4e37-8c3c-4d64-9f39-3d3f5e1a4c5b"))],
    ["a scheme in lower case", bearer(field("bearer  x"))],
    ["a bearer token beside a bad cookie", { ...good, cookies: { [COOKIE]: field("x") } }],
    ["a handshake of the own page", handshake()],
    ["… whose Host has the default port", handshake({ headers: { host: field(`${HOST}:443`) } })],
    ["… whose Host has another port", handshake({ headers: other })],
    ["a handshake by bearer token, without Origin", { ...good, uri: "/ws" }],
    ["the cookie of a laptop", local("localhost:8000", field(TOKEN))],
    ["… beside one that another port's page has set", local("[::1]:8000", field("x", TOKEN))],
    [
      "a handshake on a laptop",
      { ...own, uri: "/ws", headers: { ...own.headers, origin: field("http://127.0.0.1") } },
    ],
  ])("%s", (_title, given) => {
    expect(direct(given)).toEqual(given);
  });

  test("every parameter but token, as it came", () => {
    const kept = { resume_session: field("a%20b+c"), path: field("x", "y"), "%74oken": field("t") };
    const given = request({ querystring: { ...kept, token: field("a", "b") } });
    expect(direct(given)).toEqual(request({ querystring: kept }));
  });
});

describe("on the direct paths gets 403, which no cache keeps,", () => {
  const cookies = {
    "an API key of PocketPaw": "pp_0123456789abcdef",
    "a PocketPaw token": TOKEN.replace("session:", ""),
    "a pairing token": `pair:${EXP}:${EXP}:${MAC}`,
    "a token that has ended": TOKEN.replace(`${EXP}`, `${EXP - 1}`),
    "a quoted token": `"${TOKEN}"`,
    "upper-case digits": TOKEN.toUpperCase(),
    "a short mac": TOKEN.slice(0, -1),
    "a long mac": `${TOKEN}0`,
    "a line end after it": `${TOKEN}\n`,
    "exp with a sign": TOKEN.replace(":", ":+"),
    "exp with a leading zero": TOKEN.replace(":", ":0"),
    "exp of 16 digits": TOKEN.replace(`${EXP}`, "9".repeat(16)),
    nothing: "",
  };
  test.each<[string, Request]>([
    ["OPTIONS, also with a bearer token", { ...bearer(field("Bearer x")), method: "OPTIONS" }],
    ["no credential", request({ cookies: {} })],
    ["another scheme", bearer(field("Basic eDp5"))],
    ["a scheme without a token", bearer(field("Bearer "))],
    ["Bearer without a space", bearer(field("Bearerx"))],
    ["two Authorization headers", bearer(field("Bearer x", "Bearer y"))],
    ["a token in the query alone", request({ cookies: {}, querystring: { token: field(TOKEN) } })],
    ["two cookies of the name", cookie(field(TOKEN, TOKEN))],
    ["PocketPaw's cookie", cookie(field(TOKEN), "pocketpaw_session")],
    ["a laptop's cookie on https", cookie(field(TOKEN), LOOPBACK_COOKIE)],
    ["https' cookie on a laptop", local("localhost:8000", field(TOKEN), COOKIE)],
    ["a laptop's cookies, none good", local("localhost:8000", field("x", "y"))],
    ["no Host", { ...request(), headers: {} }],
    ["two Hosts", request({ headers: { host: field(HOST, HOST) } })],
    ...Object.entries(cookies).map(([title, value]): [string, Request] => [
      `a cookie with ${title}`,
      cookie(field(value)),
    ]),
    ["a handshake by cookie without Origin", request({ uri: "/ws" })],
    [
      "a handshake by cookie with two Origins",
      handshake({ headers: { origin: field(`https://${HOST}`, `https://${HOST}`) } }),
    ],
  ])("%s", (_title, given) => {
    expect(direct(given)).toMatchObject(FORBIDDEN);
  });

  test.each([
    ...["https://evil.example", "http://paw.example.com", "https://paw.example.com.evil.example"],
    ...["https://a.paw.example.com", "https://paw.example.com:8443", "https://paw.example.com/"],
    ...["https://paw\u2024example.com", "wss://paw.example.com", "null", ""],
  ])("a handshake by cookie of the page %j, on each WebSocket path or by its key", (origin) => {
    const headers = { origin: field(origin) };
    const key = { "sec-websocket-key": field("dGhlIHNhbXBsZSBub25jZQ==") };
    const byKey = { uri: "/api/v1/chat", headers: { ...headers, ...key } };
    for (const changes of [...WEBSOCKET_PATHS.map((uri) => ({ uri, headers })), byKey]) {
      expect(direct(handshake(changes))).toMatchObject(FORBIDDEN);
    }
  });
});

describe("a link with a token", () => {
  const link = (changes: Partial<Request>) =>
    request({ uri: "/", cookies: {}, querystring: { token: field(TOKEN) }, ...changes });

  test("leads to the gateway's page, the token in the fragment, and leaves no trace", () => {
    expect(run("token-link", link({}))).toEqual({
      statusCode: 302,
      statusDescription: "Found",
      headers: {
        location: { value: `/gateway#${TOKEN}` },
        "cache-control": { value: "no-store" },
        "referrer-policy": { value: "no-referrer" },
      },
    });
  });

  test.each<[string, Partial<Request>]>([
    ["no token", { querystring: { v: field("1") } }],
    ["an empty token", { querystring: { token: field("") } }],
    ["another path", { uri: "/api/v1/sessions" }],
    ["another method", { method: "POST" }],
  ])("but a request with %s goes on unchanged", (_title, changes) => {
    expect(run("token-link", link(changes))).toEqual(link(changes));
  });
});

test("at most 24 patterns are direct, each once", () => {
  expect(DIRECT_PATHS.length).toBeLessThanOrEqual(24);
  expect(new Set(DIRECT_PATHS).size).toBe(DIRECT_PATHS.length);
});
