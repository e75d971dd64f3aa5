import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UnusableSecret } from "../../../lib/errors.ts";
import { inFormOf, parseHmacKey, parseMasterToken } from "../../../lib/secrets/values.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../../support/tokens.ts";

describe("a master token", () => {
  test.each([
    ["the raw string", MASTER_TOKEN],
    ["a JSON object with the field token", JSON.stringify({ token: MASTER_TOKEN })],
    ["a file's last line feed behind it", `${MASTER_TOKEN}\n`],
    ["white space around it", ` \t${MASTER_TOKEN}\r\n`],
    ["a byte order mark before it", `\ufeff${MASTER_TOKEN}`],
    ["a byte order mark before JSON", `\ufeff{"token":"${MASTER_TOKEN}"}`],
    ["JSON with white space around it, and in it", ` { "token" : "${MASTER_TOKEN} " }\n`],
  ])("is read from %s", (_name, value) => {
    expect(parseMasterToken(value)).toBe(MASTER_TOKEN);
  });

  test.each([
    ["nothing", "", "secret_empty"],
    ["white space alone", " \n", "secret_empty"],
    ["JSON with an empty token", '{"token":""}', "secret_empty"],
    ["JSON with a blank token", '{"token":" "}', "secret_empty"],
    ["JSON that is cut short", `{"token":"${MASTER_TOKEN}`, "secret_json_invalid"],
    ["JSON with another field", '{"key":"abc"}', "secret_json_invalid"],
    ["JSON with a field more", '{"token":"abc","user":"x"}', "secret_json_invalid"],
    ["JSON with no field", "{}", "secret_json_invalid"],
    ["JSON with a number", '{"token":12345}', "secret_json_invalid"],
    ["JSON with null", '{"token":null}', "secret_json_invalid"],
    ["JSON with a list", '{"token":["abc"]}', "secret_json_invalid"],
    ["JSON with the field in another case", '{"Token":"abc"}', "secret_json_invalid"],
    ["a blank in it", "a b", "master_token_not_visible_ascii"],
    ["a letter that no header carries", "pässword", "master_token_not_visible_ascii"],
    ["a control character", "a\u0000b", "master_token_not_visible_ascii"],
    ["bytes", new TextEncoder().encode(MASTER_TOKEN), "secret_binary"],
  ])("is refused when the secret is %s", (_name, value, reason) => {
    expect(() => parseMasterToken(value)).toThrow(expect.objectContaining({ reason }));
  });
});

describe("an HMAC key", () => {
  test.each([
    ["the raw string", HMAC_KEY, HMAC_KEY],
    ["a JSON object with the field key", JSON.stringify({ key: HMAC_KEY }), HMAC_KEY],
    ["32 bytes", "k".repeat(32), "k".repeat(32)],
    ["32 bytes in 16 letters", "é".repeat(16), "é".repeat(16)],
    ["white space around it", ` ${HMAC_KEY}\n`, HMAC_KEY],
    ["a byte order mark before it", `\ufeff${HMAC_KEY}`, HMAC_KEY],
    ["a byte order mark before JSON", `\ufeff{"key":"${HMAC_KEY}"}`, HMAC_KEY],
  ])("is read from %s", (_name, value, key) => {
    expect(parseHmacKey(value)).toBe(key);
  });

  test.each([
    ["nothing", "", "secret_empty"],
    ["JSON with an empty key", '{"key":""}', "secret_empty"],
    ["31 bytes", "k".repeat(31), "hmac_key_too_short"],
    ["JSON with a key of 31 bytes", JSON.stringify({ key: "k".repeat(31) }), "hmac_key_too_short"],
    ["JSON of the master token", `{"token":"${MASTER_TOKEN}"}`, "secret_json_invalid"],
    ["JSON with a trailing comma", `{"key":"${HMAC_KEY}",}`, "secret_json_invalid"],
    ["bytes", new Uint8Array(64), "secret_binary"],
  ])("is refused when the secret is %s", (_name, value, reason) => {
    expect(() => parseHmacKey(value)).toThrow(expect.objectContaining({ reason }));
  });
});

test.each([
  [
    "a b",
    "the master token must be visible ASCII without spaces, or no Authorization header can carry it",
  ],
  [new Uint8Array(8), "the secret is binary; it must be a SecretString"],
  ['{"token":', "the secret starts like a JSON object and is not valid JSON"],
  ['{"key":"x"}', 'a JSON secret must have the one string field "token"'],
  ["", "the secret is empty"],
])("the message says what is wrong: %j: %s", (value, message) => {
  expect(() => parseMasterToken(value)).toThrow(expect.objectContaining({ message }));
});

test.each([
  ["a raw string", "old", "new"],
  ["JSON", '{"key":"old"}', '{"key":"new"}'],
  ["JSON behind white space", ' \n{"key":"old"}', '{"key":"new"}'],
  ["bytes, which become a string", new TextEncoder().encode('{"key":"old"}'), "new"],
])("a new value has the form of the old one: %s", (_name, old, expected) => {
  expect(inFormOf(old, "key", "new")).toBe(expected);
});

test("no value makes anything but a secret or an UnusableSecret, whose message does not quote it", () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{20,30}$/);
  const shapes = fc.constantFrom(
    (text: string) => text,
    (text: string) => `{"token":"${text}`,
    (text: string) => `{"${text}":"${text}"}`,
    (text: string) => `{"key":{"token":"${text}"}}`,
    (text: string) => `{${text}}`,
    (text: string) => `${text} é`,
    (text: string) => Buffer.from(text),
  );
  fc.assert(
    fc.property(secret, shapes, (text, shape) => {
      for (const parse of [parseMasterToken, parseHmacKey]) {
        try {
          expect(typeof parse(shape(text))).toBe("string");
        } catch (error) {
          expect(error).toBeInstanceOf(UnusableSecret);
          expect(String(error)).not.toContain(text.slice(0, 8));
        }
      }
    }),
  );
});
