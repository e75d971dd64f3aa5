import { expect, test } from "vitest";
import { deletedSessionCookie, sessionCookie } from "../../../lib/http/cookies.ts";

const SECURE = "__Host-pocketpaw_session=t; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=60";
const LOOPBACK = "pocketpaw_gateway_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60";

test.each([
  ...["localhost", "localhost:8000", "127.0.0.1", "127.255.255.254:80", "[::1]:8000"].map(
    (host) => [host, LOOPBACK] as const,
  ),
  ...["paw.example.com", "localhost.example.com", "xlocalhost", "localhost:"].map(secure),
  ...["localhost:x", "127.0.0.1.nip.io", "128.0.0.1", "1127.0.0.1", "127.0.0"].map(secure),
  ...["127.0.0.1000", "127a0a0a1", "::1", "[::2]", "[::1]x", "localhost\n"].map(secure),
  ...[undefined, ""].map(secure),
])("on the host %j the session cookie is %s", (host, cookie) => {
  expect(sessionCookie(host, "t", 60)).toBe(cookie);
});

test("no cookie has a negative age", () => {
  expect(sessionCookie("paw.example.com", "t", -5)).toMatch(/; Max-Age=0$/);
});

test("it is deleted by the same attributes, without a value", () => {
  const deleted = SECURE.replace("=t;", "=;").replace("=60", "=0");
  expect(deletedSessionCookie("paw.example.com")).toBe(deleted);
});

function secure(host: string | undefined): readonly [string | undefined, string] {
  return [host, SECURE];
}
