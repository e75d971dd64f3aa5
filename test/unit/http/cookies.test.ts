import { describe, expect, test } from "vitest";
import {
  cookieValues,
  deletedSessionCookie,
  isLoopbackHost,
  sessionCookie,
} from "../../../lib/http/cookies.ts";

const at = (host: string) => ({ headers: { host } });
const SECURE = "pocketpaw_session=t; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=60";
const NOT_SECURE = "pocketpaw_session=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=60";

const LOOPBACK = [
  "localhost",
  "localhost:8000",
  "LocalHost",
  "127.0.0.1",
  "127.0.0.1:80",
  "127.255.255.254",
  "[::1]",
  "[::1]:8000",
];
const OTHERS = [
  "",
  "paw.example.com",
  "localhost.example.com",
  "xlocalhost",
  "localhost.",
  "localhost:",
  "localhost:x",
  "127.0.0.1.nip.io",
  "128.0.0.1",
  "1127.0.0.1",
  "127.0.0",
  "127.0.0.1.1",
  "127.0.0.1000",
  "127a0a0a1",
  "::1",
  "[::2]",
  "[::1]x",
  "[::1].example.com",
  "10.0.0.1",
  "localhost\n",
];

describe("a host", () => {
  test.each(LOOPBACK)("%s is this machine", (host) => {
    expect(isLoopbackHost(host)).toBe(true);
    expect(sessionCookie(at(host), "t", 60)).toBe(NOT_SECURE);
  });

  test.each(OTHERS)("%j is not", (host) => {
    expect(isLoopbackHost(host)).toBe(false);
    expect(sessionCookie(at(host), "t", 60)).toBe(SECURE);
  });
});

describe("the session cookie", () => {
  test("is Secure where the host is not known, or where one of two is not this machine", () => {
    expect(sessionCookie({}, "t", 60)).toBe(SECURE);
    const multiValueHeaders = { Host: ["localhost", "paw.example.com"] };
    expect(sessionCookie({ multiValueHeaders }, "t", 60)).toBe(SECURE);
  });

  test.each([
    [60, 60],
    [0, 0],
    [-5, 0],
  ])("with %d s left has Max-Age=%d", (left, maxAge) => {
    expect(sessionCookie({}, "t", left).endsWith(`; Max-Age=${maxAge}`)).toBe(true);
  });

  test("is deleted by the same attributes, without a value", () => {
    const attributes = "Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0";
    expect(deletedSessionCookie({})).toBe(`pocketpaw_session=; ${attributes}`);
  });
});

describe("a cookie's values", () => {
  test.each([
    [["a=1"], ["1"]],
    [
      ["a=1; a=2", "a=3"],
      ["1", "2", "3"],
    ],
    [["a=x%3Ay"], ["x:y"]],
    [["a=%"], ["%"]],
    [["a=%C3%A9"], ["é"]],
    [['a="1"'], ["1"]],
    [['a=""1""'], ['"1"']],
    [['a="1"2'], ['"1"2']],
    [['a=1"2"'], ['1"2"']],
    [["a="], []],
    [["ab"], []],
    [["a"], []],
    [["b=a=1"], []],
    [["A=1"], []],
    [[], []],
  ])("%j: %j", (cookies, values) => {
    expect(cookieValues({ cookies }, "a")).toEqual(values);
  });

  test("stand in the list of payload 2.0 and in the header, in this order", () => {
    const event = { cookies: ["a=1"], headers: { Cookie: "a=2; b=3" } };
    expect(cookieValues(event, "a")).toEqual(["1", "2"]);
  });
});
