import { describe, expect, test } from "vitest";
import { isAllowedOrigin, mayUseCookie, ownOrigin } from "../../../lib/http/csrf.ts";

const host = "paw.example.com";
const own = `https://${host}`;
const ALLOWED = ["https://dash.example.com", "http://localhost:3000"];

/** An HTTP API's request, payload 2.0. */
const http = (method: string, headers: Record<string, string>) => ({
  headers,
  requestContext: { http: { method } },
});

describe("no page of another origin makes the request", () => {
  test.each<[string, Record<string, string>]>([
    ["no browser: no Origin, no Sec-Fetch-Site", { host }],
    ["the page's own script, by Sec-Fetch-Site", { host, "sec-fetch-site": "same-origin" }],
    ["the user, by the address bar", { host, "sec-fetch-site": "none" }],
    ["the own origin", { host, origin: own }],
    ["the own origin, names in the client's spelling", { Host: host, Origin: own }],
    ["the own origin, names in upper case", { HOST: host, ORIGIN: own }],
    ["the own origin with its port", { host: `${host}:8443`, origin: `${own}:8443` }],
    ["the own origin, Host in upper case", { host: "PAW.example.com", origin: own }],
    ["localhost over http", { host: "localhost:8000", origin: "http://localhost:8000" }],
    ["127.0.0.1 over http", { host: "127.0.0.1:8000", origin: "http://127.0.0.1:8000" }],
    ["[::1] over http", { host: "[::1]:8000", origin: "http://[::1]:8000" }],
    ["an allowed origin", { host, origin: "https://dash.example.com" }],
    [
      "an allowed origin, which the browser calls cross-site",
      { host, origin: "https://dash.example.com", "sec-fetch-site": "cross-site" },
    ],
    [
      "Sec-Fetch-Site same-origin, where Origin names the viewer's host (CloudFront)",
      { host: "api.example.com", origin: own, "sec-fetch-site": "same-origin" },
    ],
  ])("%s", (_name, headers) => {
    expect(isAllowedOrigin({ headers }, ALLOWED)).toBe(true);
  });

  test.each([[undefined], [null], ["headers"], [[]], [7]])("no headers: %j", (headers) => {
    expect(isAllowedOrigin({ headers }, [])).toBe(true);
  });
});

describe("a page of another origin is refused", () => {
  test.each<[string, Record<string, string>]>([
    ["another site", { host, origin: "https://evil.example" }],
    ["a subdomain beside it", { host, origin: "https://blog.example.com" }],
    ["a subdomain below it", { host, origin: `https://a.${host}` }],
    ["the parent domain", { host, origin: "https://example.com" }],
    ["another port", { host, origin: `${own}:8443` }],
    ["another scheme", { host, origin: `http://${host}` }],
    ["the own host as a prefix", { host, origin: `${own}.evil.example` }],
    ["the own host as a suffix", { host, origin: `https://evil${host}` }],
    ["the own host as user info", { host, origin: `https://${host}@evil.example` }],
    ["the own origin with a path", { host, origin: `${own}/` }],
    ["the own origin with a dot at the end", { host, origin: `${own}.` }],
    ["two origins in one header", { host, origin: `${own} https://evil.example` }],
    ["two origins, joined by a comma", { host, origin: `${own},https://evil.example` }],
    ["a sandboxed page", { host, origin: "null" }],
    ["a sandboxed page, on a host of that name", { host: "null", origin: "null" }],
    [
      "a bearer token beside it",
      { host, origin: "https://evil.example", authorization: "Bearer t" },
    ],
    ["another port of localhost", { host: "localhost:8000", origin: "http://localhost:3001" }],
    ["https on localhost", { host: "localhost:8000", origin: "https://localhost:8000" }],
    ["localhost against 127.0.0.1", { host: "127.0.0.1:8000", origin: "http://localhost:8000" }],
    ["no Host to compare with", { origin: own }],
    ["an allowed origin with another port", { host, origin: "https://dash.example.com:8443" }],
    ["an allowed origin over http", { host, origin: "http://dash.example.com" }],
    ["an allowed origin as a prefix", { host, origin: "https://dash.example.com.evil.example" }],
    ["Sec-Fetch-Site cross-site", { host, "sec-fetch-site": "cross-site" }],
    ["Sec-Fetch-Site same-site", { host, "sec-fetch-site": "same-site" }],
    ["Sec-Fetch-Site unknown", { host, "sec-fetch-site": "same-origin-ish" }],
    [
      "Sec-Fetch-Site same-site with the own origin",
      { host, origin: own, "sec-fetch-site": "same-site" },
    ],
    ["Sec-Fetch-Site in the client's spelling", { host, "Sec-Fetch-Site": "cross-site" }],
  ])("%s", (_name, headers) => {
    expect(isAllowedOrigin({ headers }, ALLOWED)).toBe(false);
  });

  test("a second Origin or Sec-Fetch-Site, which a REST API has in multiValueHeaders alone", () => {
    const headers = { Host: host, Origin: own };
    const origins = { Host: [host], Origin: ["https://evil.example", own] };
    expect(isAllowedOrigin({ headers, multiValueHeaders: origins }, [])).toBe(false);
    const sites = { Host: [host], "Sec-Fetch-Site": ["same-origin", "cross-site"] };
    expect(isAllowedOrigin({ multiValueHeaders: sites }, [])).toBe(false);
  });

  test("an allowed origin does not allow another beside it", () => {
    const multiValueHeaders = { Host: [host], Origin: [ALLOWED[0], "https://evil.example"] };
    expect(isAllowedOrigin({ multiValueHeaders }, ALLOWED)).toBe(false);
  });

  test("two Host headers, one of which is the page's", () => {
    const multiValueHeaders = { Host: [host, "evil.example"], Origin: ["https://evil.example"] };
    expect(isAllowedOrigin({ multiValueHeaders }, [])).toBe(false);
  });
});

describe("the cookie counts for a page of another origin", () => {
  const foreign = { host, origin: "https://evil.example", "sec-fetch-site": "cross-site" };

  test.each(["GET", "HEAD", "OPTIONS"])("by the safe method %s", (method) => {
    expect(mayUseCookie(http(method, foreign), [])).toBe(true);
    expect(mayUseCookie({ httpMethod: method, headers: foreign }, [])).toBe(true);
  });

  test.each([
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "TRACE",
    "CONNECT",
    "PURGE",
    "get",
    "Get",
    "",
    " GET",
  ])("never by %j", (method) => {
    expect(mayUseCookie(http(method, foreign), [])).toBe(false);
    expect(mayUseCookie({ httpMethod: method, headers: foreign }, [])).toBe(false);
    expect(mayUseCookie(http(method, { host, origin: own }), [])).toBe(true);
  });

  test.each([undefined, null, 7, ["GET"], {}])("never by an event whose method is %j", (method) => {
    expect(mayUseCookie({ httpMethod: method, headers: foreign }, [])).toBe(false);
  });

  test.each([
    ["Upgrade", "websocket"],
    ["upgrade", "WebSocket"],
    ["UPGRADE", "h2c, websocket"],
    ["upgrade", "websocket/13"],
    ["upgrade", "websocket, h2c"],
  ])("never by the handshake of a WebSocket: %s: %s", (name, value) => {
    expect(mayUseCookie(http("GET", { ...foreign, [name]: value }), [])).toBe(false);
    const page = { host, origin: own, [name]: value };
    expect(mayUseCookie(http("GET", page), [])).toBe(true);
  });

  test("never by a WebSocket API's $connect, whatever its headers say", () => {
    const requestContext = { eventType: "CONNECT" };
    expect(mayUseCookie({ requestContext, httpMethod: "GET", headers: foreign }, [])).toBe(false);
    expect(mayUseCookie({ requestContext, headers: { Host: host, Origin: own } }, [])).toBe(true);
  });

  test.each(["h2c", "xwebsocket", "websockets"])(
    "by Upgrade: %s, which is no WebSocket",
    (upgrade) => {
      expect(mayUseCookie(http("GET", { ...foreign, upgrade }), [])).toBe(true);
    },
  );
});

describe("the request's own origin", () => {
  test.each([
    ["paw.example.com", "https://paw.example.com"],
    ["Paw.Example.com:8443", "https://paw.example.com:8443"],
    ["localhost", "http://localhost"],
    ["LOCALHOST:8000", "http://localhost:8000"],
    ["127.0.0.1:8000", "http://127.0.0.1:8000"],
    ["127.1.2.3", "http://127.1.2.3"],
    ["[::1]:8000", "http://[::1]:8000"],
    ["localhost.evil.example", "https://localhost.evil.example"],
    ["127.0.0.1.evil.example", "https://127.0.0.1.evil.example"],
    ["xlocalhost", "https://xlocalhost"],
  ])("Host %s: %s", (value, origin) => {
    expect(ownOrigin({ headers: { Host: value } })).toBe(origin);
  });

  test.each([
    "evil.example/",
    "evil.example/?x=",
    "user@evil.example",
    "a b",
    "a,b",
    "https://a",
    "a#b",
    "a\\b",
    "[::1",
    "a:port",
    "a:123456",
    "é.example",
    "a\n",
  ])("is not known where Host is no host: %j", (value) => {
    expect(ownOrigin({ headers: { Host: value } })).toBeUndefined();
    expect(isAllowedOrigin({ headers: { Host: value, Origin: `https://${value}` } }, [])).toBe(
      false,
    );
  });

  test("is not known without a Host, nor with two", () => {
    expect(ownOrigin({ headers: {} })).toBeUndefined();
    expect(ownOrigin({ multiValueHeaders: { host: ["a", "b"] } })).toBeUndefined();
  });
});
