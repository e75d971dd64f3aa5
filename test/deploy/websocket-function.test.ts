// The CloudFront Function of the WebSocket paths, as CloudFront runs it: a script with one global function,
// given events of CloudFront's shape.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";

interface Field {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}
type Fields = Readonly<Record<string, Field>>;
interface Request {
  readonly method: string;
  readonly uri: string;
  readonly headers: Fields;
  readonly cookies: Fields;
  readonly querystring: Fields;
}

const CODE = readFileSync(join(ROOT, "deploy", "cloudfront", "websocket.js"), "utf8");
const HOST = "paw.example.com";
const TOKEN = `1893456000:${"0123456789abcdef".repeat(4)}`;
const FORBIDDEN = { statusCode: 403 };

function field(...values: [string, ...string[]]): Field {
  const [value, ...others] = values;
  if (others.length === 0) return { value };
  return { value, multiValue: values.map((each) => ({ value: each })) };
}

/** The request of the dashboard's own page, with what a test changes. */
function request(changes: Partial<Request> = {}): Request {
  return {
    method: "GET",
    uri: "/ws",
    headers: {
      host: field(HOST),
      origin: field(`https://${HOST}`),
      "user-agent": field("Mozilla/5.0"),
      "sec-websocket-key": field("dGhlIHNhbXBsZSBub25jZQ=="),
      "sec-websocket-version": field("13"),
      ...changes.headers,
    },
    cookies: { pocketpaw_session: field(TOKEN), ...changes.cookies },
    querystring: changes.querystring ?? {},
    ...(changes.method !== undefined && { method: changes.method }),
    ...(changes.uri !== undefined && { uri: changes.uri }),
  };
}

function without<T extends Fields>(fields: T, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name));
}

/** What the function returns, as the JSON in which it leaves the runtime. */
function run(given: Request) {
  const event = {
    version: "1.0",
    context: {
      distributionDomainName: "d111111abcdef8.cloudfront.net",
      distributionId: "EDFDVBD6EXAMPLE",
      eventType: "viewer-request",
      requestId: "EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLEPmPfEXAMPLEu3EqEXAMPLE==",
    },
    viewer: { ip: "198.51.100.11" },
    request: given,
  };
  const context = createContext({ input: JSON.stringify(event) });
  runInContext(CODE, context);
  return JSON.parse(runInContext("JSON.stringify(handler(JSON.parse(input)))", context));
}

describe("the file", () => {
  test("is under CloudFront's limit of 10 KB", () => {
    expect(Buffer.byteLength(CODE)).toBeLessThan(10_240);
  });

  test("uses no syntax that cloudfront-js-2.0 lacks, and no module", () => {
    // ES2015 without what the runtime does not name among its features.
    const older = transformSync(CODE, { target: "es2015", minifyWhitespace: true }).code;
    expect(older).toBe(transformSync(CODE, { minifyWhitespace: true }).code);
    expect(CODE).not.toMatch(/^\s*(import|export)\b|\brequire\(|\bclass\b|\.\.\.[a-z]|\beval\b/m);
  });
});

describe("passes on", () => {
  test.each(["/ws", "/v1/ws", "/api/v1/ws"])("the page's handshake at %s, unchanged", (uri) => {
    expect(run(request({ uri }))).toEqual(request({ uri }));
  });

  test("a Host in upper case, and one with a port, with the origin of the same host", () => {
    const upper = request({ headers: { host: field("PAW.Example.COM") } });
    expect(run(upper)).toEqual(upper);
    const port = { host: field(`${HOST}:8443`), origin: field(`https://${HOST}:8443`) };
    expect(run(request({ headers: port }))).toEqual(request({ headers: port }));
  });

  test.each(["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "localhost"])(
    "%s with its http origin, and not with https",
    (host) => {
      const headers = (scheme: string) => ({
        host: field(host),
        origin: field(`${scheme}://${host}`),
      });
      expect(run(request({ headers: headers("http") }))).not.toHaveProperty("statusCode");
      expect(run(request({ headers: headers("https") }))).toMatchObject(FORBIDDEN);
    },
  );

  test("the session cookie alone", () => {
    const cookies = {
      pocketpaw_session: field(TOKEN),
      token: field("pp_1234"),
      POCKETPAW_SESSION: field("pp_1234"),
      "pocketpaw_session ": field("pp_1234"),
    };
    expect(run(request({ cookies })).cookies).toEqual({ pocketpaw_session: field(TOKEN) });
  });

  test.each([
    "websocket_0d9f",
    "websocket%5F%2e%2E%2f%26token%3dx",
    "a+b%20c",
    "%c3%a4",
    "",
    "safe%",
  ])("the parameter resume_session as it came: %s", (value) => {
    const querystring = { resume_session: field(value) };
    expect(run(request({ querystring })).querystring).toEqual(querystring);
  });

  test("no other parameter, in any spelling", () => {
    const names = [
      "token",
      "%74oken",
      "TOKEN",
      "token[]",
      "tok%65n",
      "resume%5Fsession",
      "",
      "a;token",
    ];
    const others = Object.fromEntries(names.map((name) => [name, field("pp_1", "pp_2")]));
    const resume_session = field("x");
    expect(run(request({ querystring: others })).querystring).toEqual({});
    expect(run(request({ querystring: { ...others, resume_session } })).querystring).toEqual({
      resume_session,
    });
  });

  test("neither Authorization nor a subprotocol, and every other header", () => {
    const headers = {
      authorization: field("Bearer pp_1234"),
      "sec-websocket-protocol": field("bearer, pp_1234", "pp_5678"),
    };
    expect(run(request({ headers })).headers).toEqual(request().headers);
  });
});

describe("responds 403, which no cache keeps", () => {
  test.each([
    "https://evil.example",
    "http://paw.example.com",
    "https://paw.example.com.evil.example",
    "https://evilpaw.example.com",
    "https://a.paw.example.com",
    "https://paw.example.com:443",
    "https://paw.example.com:8443",
    "https://paw.example.com/",
    "https://paw.example.com@evil.example",
    "https://paw.example.com%2eevil.example",
    "https://paw\u2024example.com",
    " https://paw.example.com",
    "wss://paw.example.com",
    "paw.example.com",
    "null",
    "*",
    "",
  ])("to the origin %j", (origin) => {
    const response = run(request({ headers: { origin: field(origin) } }));
    expect(response).toMatchObject(FORBIDDEN);
    expect(response.headers["cache-control"]).toEqual({ value: "no-store" });
  });

  test("without Origin, and with two, even when both are right", () => {
    const absent = { ...request(), headers: without(request().headers, "origin") };
    expect(run(absent)).toMatchObject(FORBIDDEN);
    const own = `https://${HOST}`;
    for (const origin of [field(own, own), field(own, "https://evil.example")]) {
      expect(run(request({ headers: { origin } }))).toMatchObject(FORBIDDEN);
    }
  });

  test("without Host, with an empty one, and with two", () => {
    expect(run({ ...request(), headers: without(request().headers, "host") })).toMatchObject(
      FORBIDDEN,
    );
    const empty = { host: field(""), origin: field("https://") };
    expect(run(request({ headers: empty }))).toMatchObject(FORBIDDEN);
    expect(run(request({ headers: { host: field(HOST, "evil.example") } }))).toMatchObject(
      FORBIDDEN,
    );
  });

  test.each([
    ["an API key of PocketPaw", "pp_0123456789abcdef"],
    ["an OAuth token of PocketPaw", "ppat_0123456789abcdef"],
    ["the master token", "0b2b4e37-8c3c-4d64-9f39-3d3f5e1a4c5b"],
    ["our own session token", `session:${TOKEN}`],
    ["a pairing token", `pair:1893456000:${TOKEN}`],
    ["an encoded token", TOKEN.replace(":", "%3A")],
    ["a quoted token", `"${TOKEN}"`],
    ["upper-case digits", TOKEN.toUpperCase()],
    ["a short mac", TOKEN.slice(0, -1)],
    ["a long mac", `${TOKEN}0`],
    ["a line end after it", `${TOKEN}\n`],
    ["a second cookie within it", `${TOKEN}; token=x`],
    ["exp with a sign", `+${TOKEN}`],
    ["exp with a leading zero", `0${TOKEN}`],
    ["no exp", TOKEN.slice(TOKEN.indexOf(":"))],
    ["nothing", ""],
  ])("to a cookie with %s", (_title, value) => {
    expect(run(request({ cookies: { pocketpaw_session: field(value) } }))).toMatchObject(FORBIDDEN);
  });

  test("without the cookie, and with two of its name", () => {
    expect(run({ ...request(), cookies: {} })).toMatchObject(FORBIDDEN);
    for (const cookie of [field(TOKEN, "pp_1234"), field("pp_1234", TOKEN), field(TOKEN, TOKEN)]) {
      expect(run(request({ cookies: { pocketpaw_session: cookie } }))).toMatchObject(FORBIDDEN);
    }
  });

  test.each(["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "get"])(
    "to method %s",
    (method) => {
      expect(run(request({ method }))).toMatchObject(FORBIDDEN);
    },
  );

  test.each([
    "/",
    "/ws/",
    "//ws",
    "/a/../ws",
    "/./ws",
    "/w%73",
    "/WS",
    "/api/ws",
    "/api/v1/ws/",
    "/api/v1//ws",
    "/ws;/api/v1/oauth/authorize/consent",
    "/api/v1/oauth/authorize/consent",
  ])("to any other path: %s", (uri) => {
    expect(run(request({ uri }))).toMatchObject(FORBIDDEN);
  });
});
