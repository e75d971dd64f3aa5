import { randomInt } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomPassword } from "../../local/secrets-manager/random-password.ts";

const TYPES = {
  excludeLowercase: /[a-z]/,
  excludeUppercase: /[A-Z]/,
  excludeNumbers: /[0-9]/,
  excludePunctuation: /[!-/:-@[-`{-~]/,
};

const anyRules = fc.record({
  passwordLength: fc.integer({ min: 5, max: 80 }),
  excludeCharacters: fc.constantFrom("", "aB3$", "\\]^-", "é\u0000"),
  excludeLowercase: fc.boolean(),
  excludeUppercase: fc.boolean(),
  excludeNumbers: fc.boolean(),
  excludePunctuation: fc.boolean(),
  includeSpace: fc.boolean(),
  requireEachIncludedType: fc.boolean(),
});

test("a password has the length, the required types and none of the excluded characters", () => {
  fc.assert(
    fc.property(anyRules, (rules) => {
      const included = Object.entries(TYPES).filter(
        ([exclude]) => !rules[exclude as keyof typeof TYPES],
      );
      fc.pre(included.length > 0);
      const password = randomPassword(rules, randomInt);
      expect(password).toHaveLength(rules.passwordLength);
      for (const [exclude, type] of Object.entries(TYPES)) {
        if (rules[exclude as keyof typeof TYPES]) expect(password).not.toMatch(type);
      }
      if (rules.requireEachIncludedType) {
        for (const [, type] of included) expect(password).toMatch(type);
      }
      for (const excluded of rules.excludeCharacters) expect(password).not.toContain(excluded);
      if (!rules.includeSpace) expect(password).not.toContain(" ");
    }),
  );
});

test("every allowed character turns up, and the first is not always of the same type", () => {
  const rules = {
    passwordLength: 4096,
    excludeCharacters: "",
    excludeLowercase: false,
    excludeUppercase: false,
    excludeNumbers: false,
    excludePunctuation: false,
    includeSpace: true,
    requireEachIncludedType: true,
  };
  expect(new Set(randomPassword(rules, randomInt)).size).toBe(95);
  const firsts = Array.from({ length: 200 }, () =>
    randomPassword({ ...rules, passwordLength: 4 }, randomInt).charAt(0),
  );
  for (const type of Object.values(TYPES)) expect(firsts.join("")).toMatch(type);
});
