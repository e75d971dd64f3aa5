import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import { keepScreenshot } from "./support/dashboard.ts";
import { button, expectMessage, expectState, openFake, submitToken } from "./support/page.ts";

const newContext = useBrowser();
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test.for(["light", "dark"] as const)(
  "axe finds nothing at 320 px, %s, in any state, and nothing is wider than the screen",
  async (colorScheme) => {
    const context = await newContext({
      viewport: { width: 320, height: 640 },
      colorScheme,
      reducedMotion: "reduce",
    });
    const { page, api, goto } = await openFake(context);
    const look = (name: string) => expectNoFault(page, `page-${colorScheme}-${name}`);
    await goto();
    await expectState(page, "Log in", "token");
    await look("log-in");
    api["POST /api/auth/login"] = [401];
    await submitToken(page, "wrong");
    await expectMessage(page, "This is not the master token.");
    await look("wrong-token");
    api["POST /api/auth/login"] = [200, {}];
    await submitToken(page, "right");
    await expectState(page, "You are logged in");
    await look("logged-in");
    await button(page, "Pair a phone").click();
    await page.getByAltText("QR code").waitFor();
    await look("pairing");
    await button(page, "Replace the master token").click();
    await look("question");
    await button(page, "Replace it").click();
    await expectMessage(page, "has been replaced");
    await look("replaced");
    api["POST /api/auth/logout"] = [503];
    await button(page, "Log out").click();
    await expectMessage(page, "You may still be logged in.");
    await look("logout-failed");
    api["POST /api/auth/logout"] = [200, {}];
    await button(page, "Log out").click();
    await expectState(page, "You are logged out");
    await look("logged-out");
    api["GET /api/auth/session"] = undefined;
    await page.reload();
    await expectState(page, "Something went wrong");
    await look("unknown");
  },
);

/** Keeps a picture, and expects that neither axe nor a measurement finds fault. */
async function expectNoFault(page: Page, name: string): Promise<void> {
  await keepScreenshot(page, name);
  await page.evaluate(AXE);
  const { violations }: AxeResults = await page.evaluate("axe.run()");
  expect(violations, name).toEqual([]);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width, name).toBeLessThanOrEqual(320);
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving, name).toBe(0);
}
