import fc from "fast-check";
import { expect, test } from "vitest";
import { PARAMETERS } from "../../deploy/parameter-table.js";
import { baseUrl, flag, origins, secretId, wholeNumber } from "../../lib/config/parsers.ts";
import { check } from "./support.ts";

const { originUrl, domainName, corsOrigins, sessionTtlHours, acceptMasterToken, hmacKeySecretArn } =
  PARAMETERS;

/** Texts that are nearly allowed: the parts of URLs, put together at random. */
const parts = fc.constantFrom(
  ...[
    "https://",
    "http://",
    "tauri://",
    "localhost",
    "127.0.0.1",
    "[::1]",
    "paw",
    "xn--",
    "EXAMPLE",
  ],
  ...[
    ".",
    "-",
    ":",
    "/",
    "@",
    ",",
    " ",
    "?",
    "#",
    "\\",
    "%2f",
    "ß",
    "_",
    "0",
    "80",
    "443",
    "8443",
    "com",
  ],
);
const texts = fc.oneof(
  fc.array(parts, { maxLength: 8 }).map((found) => found.join("")),
  fc.webUrl(),
  fc.domain(),
  fc.domain().map((host) => `https://${host}`),
  fc.string(),
);
const numbers = fc.oneof(fc.integer().map(String), fc.integer({ min: 0, max: 900 }).map(String));

test.each([
  ["originUrl", originUrl.parse, baseUrl("ORIGIN_URL").parse, texts],
  [
    "domainName",
    (text: string) => prefixed(domainName.parse(text)),
    baseUrl("PUBLIC_URL").parse,
    texts,
  ],
  [
    "corsOrigins",
    (text: string) => corsOrigins.parse(text)?.join(),
    origins("ALLOWED_ORIGINS").parse,
    texts,
  ],
  [
    "sessionTtlHours",
    sessionTtlHours.parse,
    wholeNumber("SESSION_TTL_HOURS", 24, [1, 720]).parse,
    numbers,
  ],
  ["acceptMasterToken", acceptMasterToken.parse, flag("ACCEPT_MASTER_TOKEN", true).parse, texts],
  [
    "hmacKeySecretArn",
    hmacKeySecretArn.parse,
    secretId("HMAC_KEY_SECRET_ID").parse,
    fc
      .stringMatching(/^[A-Za-z0-9/_+=.@-]{1,520}$/)
      .map((name) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`),
  ],
] as const)(
  "what the parameter %s allows, the functions allow",
  (_name, parseParameter, parseSetting, candidates) => {
    let allowed = 0;
    fc.assert(
      fc.property(candidates, (text) => {
        const value = parseParameter(text);
        if (value === undefined || value === null || value === "") return;
        if (typeof value === "object") return;
        allowed += 1;
        expect(parseSetting(String(value))).toBeDefined();
      }),
      {
        numRuns: 2_000,
        examples: [["true"], ["https://paw.example.com"], ["paw.example.com"], ["24"]],
      },
    );
    expect(allowed).toBeGreaterThan(0);
  },
);

test("no setting is empty, whatever is allowed", async () => {
  const found = await check({ corsOrigins: "", domainName: "", originUrl: "" });
  expect(Object.values(found)).not.toContain("");
});

function prefixed(host: string | null | undefined): string | null | undefined {
  return typeof host === "string" ? `https://${host}` : host;
}
