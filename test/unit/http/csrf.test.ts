import { expect, test } from "vitest";
import { isAllowedOrigin } from "../../../lib/http/csrf.ts";

const host = "paw.example.com";

test.each([
  ["no browser: no Origin at all", { host }],
  ["the dashboard's own page", { host, origin: `https://${host}` }],
  [
    "the same, by a client that spells headers its own way",
    { Host: host, Origin: `https://${host}` },
  ],
  [
    "a page that was given a token",
    { host, origin: "https://a.example", authorization: "Bearer t" },
  ],
])("%s is let through", (_, headers) => {
  expect(isAllowedOrigin({ headers }, [])).toBe(true);
});

test.each([
  ["another site's page", { host, origin: "https://evil.example" }],
  ["a sibling's page", { host, origin: "https://blog.example.com" }],
  ["a page at another port", { host, origin: `https://${host}:8443` }],
  ["a sandboxed page", { host, origin: "null" }],
  [
    "a page with the browser's Basic",
    { host, origin: "https://evil.example", authorization: "Basic eA==" },
  ],
  ["a page, where the host is not known", { origin: `https://${host}` }],
])("%s is not", (_, headers) => {
  expect(isAllowedOrigin({ headers }, [])).toBe(false);
});

test.each([[undefined], [null], ["headers"], [[]]])("no headers (%j) are no page", (headers) => {
  expect(isAllowedOrigin({ headers }, [])).toBe(true);
});
