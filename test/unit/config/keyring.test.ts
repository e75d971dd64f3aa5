import { describe, expect, test } from "vitest";
import { readAuthorizerSettings } from "../../../lib/config/authorizer.ts";
import { readLoginSettings } from "../../../lib/config/login.ts";
import { badSettingsOf } from "../../support/bad-settings.ts";
import { KEYRING_SETTINGS, REQUIRED_SETTINGS } from "../../support/handlers.ts";

/** All settings of the two functions that have the most. */
const readAll = (environment: Record<string, string | undefined>) => ({
  ...readAuthorizerSettings(environment),
  ...readLoginSettings(environment),
});

/** The error that an environment makes. */
function problemOf(environment: Record<string, string | undefined>): string {
  try {
    readAll(environment);
  } catch (error) {
    return String(error);
  }
  throw new Error("the settings were accepted");
}

describe("good settings", () => {
  test("only the two secrets must be named; all else has the design's defaults", () => {
    expect(readAll(REQUIRED_SETTINGS)).toEqual({
      ...KEYRING_SETTINGS,
      sessionTtlHours: 24,
      acceptMasterToken: true,
      acceptNativeTokens: false,
      publicUrl: null,
      allowedOrigins: [],
    });
  });

  test("every setting takes effect", () => {
    const environment = {
      MASTER_TOKEN_SECRET_ID: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-AbCdEf",
      HMAC_KEY_SECRET_ID:
        "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:k-AbCdEf",
      SESSION_TTL_HOURS: "1",
      SECRETS_FRESH_SECONDS: "2",
      SECRETS_STALE_SECONDS: "3",
      SECRETS_COOLDOWN_SECONDS: "4",
      ACCEPT_MASTER_TOKEN: "false",
      ACCEPT_NATIVE_TOKENS: "true",
      PUBLIC_URL: "https://dash.example.com",
      ALLOWED_ORIGINS: "https://a.example.com,http://localhost:3000",
    };
    expect(readAll(environment)).toEqual({
      masterTokenSecretId: environment.MASTER_TOKEN_SECRET_ID,
      hmacKeySecretId: environment.HMAC_KEY_SECRET_ID,
      sessionTtlHours: 1,
      secretsFreshSeconds: 2,
      secretsStaleSeconds: 3,
      secretsCooldownSeconds: 4,
      acceptMasterToken: false,
      acceptNativeTokens: true,
      publicUrl: "https://dash.example.com",
      allowedOrigins: ["https://a.example.com", "http://localhost:3000"],
    });
  });

  test.each([
    ["SESSION_TTL_HOURS", "1"],
    ["SESSION_TTL_HOURS", "720"],
    ["SECRETS_FRESH_SECONDS", "1"],
    ["SECRETS_FRESH_SECONDS", "900"],
    ["SECRETS_STALE_SECONDS", "86400"],
    ["SECRETS_COOLDOWN_SECONDS", "1"],
    ["SECRETS_COOLDOWN_SECONDS", "86400"],
    ["ACCEPT_MASTER_TOKEN", "true"],
    ["ACCEPT_NATIVE_TOKENS", "false"],
    ["MASTER_TOKEN_SECRET_ID", "a"],
    ["HMAC_KEY_SECRET_ID", "pocketpaw/hmac_key+1=x@y.z-2"],
  ])("%s may be %s", (variable, value) => {
    expect(() => readAll({ ...REQUIRED_SETTINGS, [variable]: value })).not.toThrow();
  });
});

describe("bad settings", () => {
  test.each(badSettingsOf("authorizer"))(
    "$variable, $found",
    ({ variable, value, found, allowed }) => {
      expect(problemOf({ ...REQUIRED_SETTINGS, [variable]: value })).toBe(
        `BadSettings: Bad settings: ${variable} is ${found}; it must be ${allowed}.`,
      );
    },
  );

  test("all that are bad are named at once", () => {
    const problem = problemOf({ ALLOWED_ORIGINS: "*", ACCEPT_MASTER_TOKEN: "" });
    expect(problem).toMatch(
      /MASTER_TOKEN_SECRET_ID is.*HMAC_KEY_SECRET_ID is.*ACCEPT_MASTER_TOKEN is.*ALLOWED_ORIGINS is/,
    );
  });

  test("secrets may not go stale before they cease to be fresh", () => {
    const problem = problemOf({
      ...REQUIRED_SETTINGS,
      SECRETS_FRESH_SECONDS: "60",
      SECRETS_STALE_SECONDS: "59",
    });
    expect(problem).toContain("SECRETS_STALE_SECONDS is 59; it must be at least");
    expect(problem).toContain("SECRETS_FRESH_SECONDS, which is 60");
  });

  test("the two secrets are two", () => {
    const same = REQUIRED_SETTINGS.MASTER_TOKEN_SECRET_ID;
    const problem = problemOf({ ...REQUIRED_SETTINGS, HMAC_KEY_SECRET_ID: same });
    expect(problem).toContain("HMAC_KEY_SECRET_ID is the same as MASTER_TOKEN_SECRET_ID");
  });

  test("a long text is not quoted whole: it may be the secret itself", () => {
    const problem = problemOf({ ...REQUIRED_SETTINGS, HMAC_KEY_SECRET_ID: "the secret itself!" });
    expect(problem).not.toContain("secret itself!");
  });
});
