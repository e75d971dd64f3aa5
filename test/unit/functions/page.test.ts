import { createHash, createSecretKey } from "node:crypto";
import { expect, test } from "vitest";
import { createPage } from "../../../lib/functions/page.ts";
import { signPairing } from "../../../lib/tokens/pairing.ts";

const { statusCode, headers, body } = await createPage({ hasPocketPaw: true })();

/** What is between the tags of the only element of this name. */
function contentOf(element: string): string {
  const found = [...body.matchAll(new RegExp(`<${element}[^>]*>(.*?)</${element}>`, "gs"))];
  expect(found, `${element} elements`).toHaveLength(1);
  return found[0]?.[1] ?? "";
}

const sha256 = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

test("the page is HTML that nobody keeps, of at most 30 KB", () => {
  expect(statusCode).toBe(200);
  expect(headers).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  });
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(30_000);
});

test("the policy allows the page's own script and style by hash, and its own origin", () => {
  expect(headers["content-security-policy"]?.split("; ")).toEqual([
    "default-src 'none'",
    `script-src ${sha256(contentOf("script"))}`,
    `style-src ${sha256(contentOf("style"))}`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
});

test("the page names no other host, and has no attribute that the policy would refuse", () => {
  expect(body).not.toMatch(/(https?:)?\/\/[a-z0-9-]+\./i);
  expect(body).not.toMatch(/<[^>]+\s(style|on[a-z]+)=/i);
});

test("only the mark of PocketPaw differs where there is none", async () => {
  const without = await createPage({ hasPocketPaw: false })();
  expect(without.body).toContain('<html lang="en" data-pocketpaw="false">');
  expect(body).toBe(without.body.replace('pocketpaw="false"', 'pocketpaw="true"'));
  expect(without.headers).toEqual(headers);
});

test("the page counts the seconds for which a pairing token is valid", () => {
  const [, seconds] = /const PAIRING_SECONDS = ([0-9]+);/.exec(body) ?? [];
  expect(signPairing(createSecretKey(Buffer.alloc(32)), 0, 9_999)).toContain(`pair:${seconds}:`);
});
