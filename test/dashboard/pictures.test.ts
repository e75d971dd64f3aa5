import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { PHONE, useBrowser } from "./support/browser.ts";
import {
  expectLoginForm,
  keepScreenshot,
  loaded,
  openLoggedIn,
  openRemoteAccess,
} from "./support/dashboard.ts";

// The only pages with their styles: these take so long that no other test waits for them.
const newContext = useBrowser();
const stack = inject("stack");

test("pictures are kept of the login form, the dashboard and the QR code", async () => {
  const context = await newContext({ styled: true });
  const login = await context.newPage();
  await login.goto(stack.url);
  await expectLoginForm(login);
  await loaded(login);
  await keepScreenshot(login, "login");
  await login.close();

  const { page } = await openLoggedIn(context, stack);
  await withoutToasts(page);
  await keepScreenshot(page, "dashboard");
  await openRemoteAccess(page);
  await keepScreenshot(page, "qr-code");
  await context.close();
}, 400_000);

test("a picture is kept of the dashboard on a phone", async () => {
  const context = await newContext({ ...PHONE, styled: true });
  const { page } = await openLoggedIn(context, stack);
  await withoutToasts(page);
  await keepScreenshot(page, "phone");
  await context.close();
}, 300_000);

/** Waits until nothing like "Connected to PocketPaw" covers the page's corner. */
async function withoutToasts(page: Page): Promise<void> {
  await expect
    .poll(() => page.locator(".toast-container > *").count(), { timeout: 60_000 })
    .toBe(0);
}
