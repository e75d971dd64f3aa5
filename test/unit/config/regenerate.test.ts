import { describe, expect, test } from "vitest";
import { readRegenerateSettings } from "../../../lib/config/regenerate.ts";

const SECRET = { MASTER_TOKEN_SECRET_ID: "pocketpaw/master-token" };

describe("the settings of the regenerate function", () => {
  test.each([
    "https://paw.example.com",
    "http://127.0.0.1:8888",
    "https://paw.example.com/behind/a/proxy",
    "https://[::1]:8888",
  ])("ORIGIN_URL may be %s", (ORIGIN_URL) => {
    expect(readRegenerateSettings({ ...SECRET, ORIGIN_URL })).toMatchObject({
      masterTokenSecretId: SECRET.MASTER_TOKEN_SECRET_ID,
      originUrl: ORIGIN_URL,
    });
  });

  test("without ORIGIN_URL there is no origin", () => {
    expect(readRegenerateSettings(SECRET).originUrl).toBeNull();
  });

  test.each([
    "",
    "paw.example.com",
    "ftp://paw.example.com",
    "https://",
    "https://paw.example.com/",
    "https://paw.example.com/proxy/",
    "https://user:password@paw.example.com",
    "https://paw.example.com?token=x",
    "https://paw.example.com/#x",
    "https://paw.example.com:99999",
    "https://paw example.com",
    " https://paw.example.com",
  ])("ORIGIN_URL may not be %j, and the error says what is allowed", (ORIGIN_URL) => {
    expect(() => readRegenerateSettings({ ...SECRET, ORIGIN_URL })).toThrow(
      /ORIGIN_URL is (empty|".*"); it must be an http or https URL without credentials/,
    );
  });

  test("a missing MASTER_TOKEN_SECRET_ID is named beside a bad ORIGIN_URL", () => {
    expect(() => readRegenerateSettings({ ORIGIN_URL: "x" })).toThrow(
      /MASTER_TOKEN_SECRET_ID is not set.*ORIGIN_URL is "x"/,
    );
  });
});
