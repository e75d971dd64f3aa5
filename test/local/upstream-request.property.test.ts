import fc from "fast-check";
import { expect, test } from "vitest";
import { isRefused, withoutToken } from "../../local/front/upstream-request.ts";

const ROUTES = [
  ...["/auth/login", "/auth/session", "/qr", "/token/regenerate"].flatMap((path) => [
    `/api${path}`,
    `/api/v1${path}`,
  ]),
  "/api/v1/oauth/integrations/callback",
];

/** A character as itself, or percent-encoded once or repeatedly, in either case of its digits. */
function spelling(character: string): fc.Arbitrary<string> {
  const hex = character.charCodeAt(0).toString(16).padStart(2, "0");
  return fc
    .record({
      depth: fc.integer({ min: 0, max: 3 }),
      text: fc.constantFrom(hex, hex.toUpperCase()),
    })
    .map(({ depth, text }) => (depth === 0 ? character : `%${"25".repeat(depth - 1)}${text}`));
}

/** A path in a spelling: characters encoded, slashes doubled or added, letters in the other case, parameters. */
function spellings(path: string): fc.Arbitrary<string> {
  const characters = [...path].map((character) =>
    character === "/"
      ? fc.tuple(spelling("/"), fc.constantFrom("", "/", "//")).map((both) => both.join(""))
      : fc.constantFrom(character, character.toUpperCase()).chain(spelling),
  );
  const end = fc.constantFrom("", "/", "//", "%2f", "%252F", ";x=1", "%3Bx", "?a=b", "%3Fa", " ");
  return fc.tuple(fc.tuple(...characters), end).map(([all, last]) => all.join("") + last);
}

test("no spelling of a refused path goes to PocketPaw", () => {
  const spelt = fc.constantFrom(...ROUTES).chain(spellings);
  fc.assert(
    fc.property(spelt, (target) => {
      expect(isRefused(target)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  "/api/auth/logins",
  "/api/auth",
  "/api/v2/auth/login",
  "/api/x?next=/api/auth/login",
  "/api/files/auth/login",
  "/qr",
])("%s is another path", (target) => {
  expect(isRefused(target)).toBe(false);
});

test("any request target can be judged", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(typeof isRefused(text)).toBe("boolean");
      expect(typeof withoutToken(text)).toBe("string");
    }),
  );
});

test("no spelling of the parameter token is left in a query string, and all others are", () => {
  const name = fc
    .tuple(
      ...[..."token"].map((letter) =>
        fc.constantFrom(letter, `%${letter.charCodeAt(0).toString(16)}`),
      ),
    )
    .map((letters) => letters.join(""));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (names) => {
      const query = names.map((each) => `${each}=secret`).join("&x=1&");
      const kept = withoutToken(`/api/x?a=%20&${query}&b`);
      expect(kept).not.toContain("secret");
      expect(kept.startsWith("/api/x?a=%20")).toBe(true);
      expect(kept.endsWith("&b")).toBe(true);
    }),
  );
});
