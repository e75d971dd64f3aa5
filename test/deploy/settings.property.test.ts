import fc from "fast-check";
import { expect, test } from "vitest";
import { PARAMETERS } from "../../deploy/parameters.js";
import {
  readAuthorizerSettings,
  readLogoutSettings,
  readRegenerateSettings,
  readSessionSettings,
} from "../../lib/config.ts";
import { check } from "./support.ts";

/** Texts that are nearly allowed: the parts of URLs, put together at random. */
const parts = fc.constantFrom(
  ..."https:// http:// tauri:// localhost 127.0.0.1 [::1] paw xn-- EXAMPLE com".split(" "),
  ...String.raw`. - : / @ , ? # \ %2f ß _ 0 80 443 8443 6000`.split(" "),
  " ",
);
const texts = fc.oneof(
  fc.array(parts, { maxLength: 8 }).map((found) => found.join("")),
  fc.webUrl(),
  fc.domain(),
  fc.domain().map((host) => `https://${host}`),
  fc.string(),
);
const numbers = fc.oneof(fc.integer().map(String), fc.integer({ min: 0, max: 900 }).map(String));

const arns = fc
  .stringMatching(/^[A-Za-z0-9/_+=.@-]{1,520}$/)
  .map((name) => `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`);

const HOST = "paw.example.com";
const SECRETS = { MASTER_TOKEN_SECRET_ID: "paw/master", HMAC_KEY_SECRET_ID: "paw/key" };

/** Reads the settings of a function that the parameter is handed to; each value as the stack writes it. */
const READERS = {
  originUrl: (value: string) => readRegenerateSettings({ ...SECRETS, ORIGIN_URL: value }),
  domainName: (value: string) => readLogoutSettings({ PUBLIC_URL: `https://${value}` }),
  corsOrigins: (value: string) => readLogoutSettings({ ALLOWED_ORIGINS: value }),
  sessionTtlHours: (value: string) => readSessionSettings({ ...SECRETS, SESSION_TTL_HOURS: value }),
  acceptMasterToken: (value: string) =>
    readAuthorizerSettings({ ...SECRETS, ACCEPT_MASTER_TOKEN: value }),
  hmacKeySecretArn: (value: string) =>
    readSessionSettings({ ...SECRETS, HMAC_KEY_SECRET_ID: value }),
};

test.each([
  ["originUrl", texts],
  ["domainName", texts],
  ["corsOrigins", texts],
  ["sessionTtlHours", numbers],
  ["acceptMasterToken", texts],
  ["hmacKeySecretArn", arns],
] as const)("what the parameter %s allows, the functions allow", (name, candidates) => {
  let allowed = 0;
  fc.assert(
    fc.property(candidates, (text) => {
      const value = PARAMETERS[name].parse(text) ?? "";
      // A reference, in place of an ARN, is no text yet.
      if (String(value) === "" || Object(value)["Fn::GetAtt"] !== undefined) return;
      allowed += 1;
      READERS[name](String(value));
    }),
    { numRuns: 2_000, examples: [["true"], [`https://${HOST}`], [HOST], ["24"]] },
  );
  expect(allowed).toBeGreaterThan(0);
});

test("no setting is empty, whatever is allowed", () => {
  const found = check({ corsOrigins: "", domainName: "", originUrl: "" });
  expect(Object.values(found)).not.toContain("");
});
