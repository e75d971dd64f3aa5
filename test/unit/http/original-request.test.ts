import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOddPath } from "../../../lib/http/path.ts";
import { readOriginalRequest } from "../../../lib/http/request.ts";
import { HOST } from "../../support/events.ts";

const asked = (headers: Record<string, string | string[]>) =>
  readOriginalRequest({ headers }, undefined);

test.each([
  ["method", "X-Original-Method", "GET"],
  ["path", "X-Original-URI", "/a"],
  ["host", "X-Original-Host", "a.example"],
] as const)("a %s that is missing, empty or repeated is none", (part, name, value) => {
  const none = part === "path" ? "" : undefined;
  expect(asked({ [name]: value })[part]).toBe(value);
  for (const odd of ["", [value, `${value}2`]]) expect(asked({ [name]: odd })[part]).toBe(none);
  expect(asked({})[part]).toBe(none);
  // As payload 2.0 joins repeated headers.
  expect(asked({ [name]: `${value},${value}2` })[part]).not.toBe(value);
});

test("without one original host no cookie counts, whatever Host says", () => {
  const cookie = "__Host-pocketpaw_session=c; pocketpaw_gateway_session=l";
  expect(asked({ cookie, host: HOST }).credentials).toEqual([]);
  const { credentials } = asked({ cookie, host: HOST, "x-original-host": "localhost:8000" });
  expect(credentials).toEqual([{ token: "l", source: "cookie" }]);
});

describe("a WebSocket handshake", () => {
  test.each([
    ["/ws", true],
    ["/v1/ws?x=y", true],
    ["/api/v1/ws", true],
    ["/api/v1/w%73", true],
    ["/api/v1/ws/", false],
    ["/ws2", false],
    ["/api/ws", false],
  ])("by its path: %s: %j", (uri, expected) => {
    expect(asked({ "x-original-uri": uri }).isWebSocketHandshake).toBe(expected);
  });

  test("by its key, on any path", () => {
    const headers = { "x-original-uri": "/api/x", "sec-websocket-key": "k" };
    expect(asked(headers).isWebSocketHandshake).toBe(true);
  });
});

/** As the contract has it, for one character at a time. */
const isPlain = (character: string) =>
  /[A-Za-z0-9]/.test(character) || " -._~!$&'()*+,=:@".includes(character) || character > "\x7f";

describe("an odd path, decoded once", () => {
  test.each([
    ...["/", "/a", "/api/v1/x/", "/a-b._~!$&'()*+,=:@ /é🐾", "/.a", "/a..b", "/..."].map(
      (path) => [path, false] as const,
    ),
    ...["", "a", "//", "//a", "/a//b", "/.", "/..", "/a/./b", "/a/../b", "/a/.."].map(odd),
    ...["/api/qr\n", "/api/token/regenerate\n", "/a\r", "/a\0", "/a\t", "/a\x7f"].map(odd),
    ...["/api/qr#x", "/a?b", "/a%2fb", "/a%", "/a;b", "/a\\b", '/a"b', "/a<b", "/a[b]"].map(odd),
  ])("%j: %j", (path, expected) => {
    expect(isOddPath(path)).toBe(expected);
  });

  test.each([
    ["/api/qr%0A", true],
    ["/api/v1/oauth/integrations/callback%0a", true],
    ["/api/qr#x", true],
    ["/api/%2525", true],
    ["/api/a%2Fb", false],
    ["/api/a%2F%2Fb", true],
    ["/api/%2e%2e/x", true],
    ["/api/x?a=%0A#", false],
    ["/api/sessions/websocket%3Ax", false],
    ["/api/%C3%A9%20", false],
    ["/api/%", true],
    ["/api/%ff", true],
  ])("of the target %s: %j", (uri, expected) => {
    expect(isOddPath(asked({ "x-original-uri": uri }).path ?? "")).toBe(expected);
  });

  test("is any other than segments of plain characters, none empty but the last", () => {
    const characters = fc.oneof(
      fc.constantFrom(..."/../a%#\n;?\\ :é"),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 12 }), (parts) => {
        const path = `/${parts.join("")}`;
        const segments = path.slice(1).split("/");
        const isRight = segments.every(
          (segment, index) =>
            [...segment].every(isPlain) &&
            segment !== "." &&
            segment !== ".." &&
            (segment !== "" || index === segments.length - 1),
        );
        expect(isOddPath(path)).toBe(!isRight);
      }),
      { numRuns: 2_000 },
    );
  });
});

function odd(path: string): readonly [string, boolean] {
  return [path, true];
}
