import { createSecretKey, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SESSION, sign, type TokenFormat, verify } from "../../../lib/tokens/formats.ts";
import { deriveSessionKey, sha256 } from "../../../lib/tokens/keys.ts";
import { PAIRING } from "../../../lib/tokens/pairing.ts";
import { sessionToken } from "../../support/tokens.ts";

const key = createSecretKey(Buffer.alloc(32, 7));
const exps = fc.integer({ min: 1, max: 999_999_999_999_999 });
const keys = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => createSecretKey(bytes));
const formats = fc.constantFrom(SESSION, PAIRING);
const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const UNTIL = 4_102_444_800;
const REASONS = ["malformed", "expired", "bad_mac"];

/** A token of a format; until, which a pairing token has beside exp, does not matter to it. */
const signOf = (format: TokenFormat, anyKey: KeyObject, exp: number): string =>
  format === PAIRING ? sign(format, anyKey, exp, UNTIL) : sign(format, anyKey, exp);

const validTokens = fc.record({ format: formats, exp: exps }).map(({ format, exp }) => ({
  format,
  exp,
  token: signOf(format, key, exp),
}));

function expectRefused(token: string, format = SESSION, now = 0): void {
  const verdict = verify(format, key, token, now);
  expect(verdict.ok ? "accepted" : verdict.reason).toBeOneOf(REASONS);
}

describe("sign, then verify", () => {
  test("holds for every exp and key, up to the last second", () => {
    fc.assert(
      fc.property(formats, keys, exps, (format, anyKey, exp) => {
        const token = signOf(format, anyKey, exp);
        expect(verify(format, anyKey, token, exp - 1)).toEqual({ ok: true, exp });
        expect(verify(format, anyKey, token, exp)).toEqual({ ok: false, reason: "expired" });
      }),
    );
  });

  test("agrees with a second implementation for every master token, HMAC key and exp", () => {
    const masterTokens = fc.string({ unit: visible, minLength: 1, maxLength: 80 });
    const hmacKeys = fc.string({ unit: "binary", minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(masterTokens, hmacKeys, exps, (masterToken, hmacKey, exp) => {
        const derived = deriveSessionKey(hmacKey, sha256(masterToken));
        expect(sign(SESSION, derived, exp)).toBe(sessionToken(masterToken, hmacKey, exp));
      }),
    );
  });

  test("holds under no other key", () => {
    fc.assert(
      fc.property(formats, keys, keys, exps, (format, one, other, exp) => {
        fc.pre(!one.equals(other));
        const verdict = verify(format, other, signOf(format, one, exp), 0);
        expect(verdict).toEqual({ ok: false, reason: "bad_mac" });
      }),
    );
  });
});

/** Each makes another string of a valid token, a position and a piece of text. */
const MUTATIONS: Record<string, (token: string, at: number, text: string) => string> = {
  "a bit flipped": (token, at) =>
    replaceAt(token, at, String.fromCharCode(token.charCodeAt(at) ^ (1 << (at % 7)))),
  "a character replaced": (token, at, text) => replaceAt(token, at, text.charAt(0)),
  "cut short": (token, at) => token.slice(0, at),
  "its start cut off": (token, at) => token.slice(at + 1),
  "a piece cut out": (token, at) => token.slice(0, at) + token.slice(at + 2),
  "two neighbours swapped": (token, at) =>
    token.slice(0, at) + token.charAt(at + 1) + token.charAt(at) + token.slice(at + 2),
  "a piece put in": (token, at, text) => token.slice(0, at) + text + token.slice(at),
  "one letter in upper case": (token, at) => replaceAt(token, at, token.charAt(at).toUpperCase()),
  "all in upper case": (token) => token.toUpperCase(),
  "white space put in": (token, at, text) =>
    token.slice(0, at) + " \t\r\n\v\f\u00a0\u2028\ufeff".charAt(text.length % 9) + token.slice(at),
  "digits of another script": (token) =>
    token.replace(/[0-9]/, (digit) => String.fromCharCode(0x0660 + Number(digit))),
  "full-width digits": (token) =>
    token.replace(/[0-9]/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
  "a leading zero": (token) => token.replace(/^(session:|pair:)?/, "$10"),
  "a plus sign": (token) => token.replace(/^(session:|pair:)?/, "$1+"),
  "a NUL put in": (token, at) => `${token.slice(0, at)}\0${token.slice(at)}`,
  "a NUL and more behind": (token, _at, text) => `${token}\0${text}`,
  "10 KB of junk behind": (token, _at, text) => token + text.repeat(10_240).slice(0, 10_240),
  "10 KB of junk before": (token, _at, text) => text.repeat(10_240).slice(0, 10_240) + token,
  "10 KB of digits in exp": (token) => token.replace(/:?[0-9]+:/, `:${"7".repeat(10_240)}:`),
  "another until": (token) =>
    token.startsWith("pair:") ? token.replace(`:${UNTIL}:`, `:${UNTIL + 1}:`) : `${token}:`,
  "another exp": (token) =>
    token.replace(/[0-9]+(?=:[0-9a-f]{64}$)/, (exp) => `${Number(exp) + 1}`),
};

describe("a valid token that was changed is refused with a reason and throws nothing", () => {
  test.each(Object.entries(MUTATIONS))("%s", (_name, mutate) => {
    fc.assert(
      fc.property(
        validTokens,
        fc.nat(),
        fc.string({ unit: "binary", minLength: 1 }),
        ({ format, token }, position, text) => {
          const mutated = mutate(token, position % token.length, text);
          fc.pre(mutated !== token);
          expectRefused(mutated, format);
        },
      ),
    );
  });

  test("the head of one token on the mac of another", () => {
    fc.assert(
      fc.property(formats, exps, exps, (format, one, other) => {
        fc.pre(one !== other);
        const mac = signOf(format, key, other).slice(-64);
        expectRefused(signOf(format, key, one).slice(0, -64) + mac, format);
      }),
    );
  });
});

test("no text of any kind is accepted, and none throws", () => {
  const tokenLike = fc.stringMatching(
    /^(session:|pair:[0-9]{1,15}:)?[0-9]{0,17}:?[0-9a-fA-F]{60,66}$/,
  );
  const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), tokenLike);
  fc.assert(fc.property(texts, formats, fc.double(), expectRefused));
});

function replaceAt(text: string, at: number, character: string): string {
  return text.slice(0, at) + character + text.slice(at + 1);
}
