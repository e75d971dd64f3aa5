import type { BrowserContext, Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { PHONE, useBrowser } from "./support/browser.ts";
import { expectChat, keepScreenshot, newDashboard, openLoggedIn } from "./support/dashboard.ts";
import { button, expectState, submitToken } from "./support/page.ts";
import { pictureOf, readQrCode } from "./support/qr-code.ts";

// The only pages with PocketPaw's styles, which take so long that no other test waits for them. The pictures are in
// artefacts/; the README's are copies of them in docs/images/.
const newContext = useBrowser();
const stack = inject("stack");
const STEPS = ["Log in with the master token", "Pair a phone", "Scan the code: you are in"];

test("pictures are kept of the dashboard, and of the way from a login to a phone", async () => {
  const desktop = await newContext({ styled: true });
  const { page } = await openLoggedIn(desktop, stack);
  await withoutToasts(page);
  await keepScreenshot(page, "dashboard");
  await desktop.close();

  const laptop = await newContext(PHONE);
  const gateway = await laptop.newPage();
  await gateway.goto(`${stack.url}/gateway`);
  await expectState(gateway, "Log in", "token");
  await gateway.getByRole("textbox").fill(stack.masterToken);
  const pictures = [await gateway.screenshot()];
  await submitToken(gateway, stack.masterToken);
  await expectState(gateway, "You are logged in");
  await button(gateway, "Pair a phone").click();
  const link = await readQrCode(await pictureOf(gateway.getByAltText("QR code")));
  // As at an address that a phone can reach.
  await gateway.getByText("A phone cannot reach").evaluate((note) => note.remove());
  await gateway.evaluate(() => window.scrollTo(0, 0));
  pictures.push(await gateway.screenshot());
  const phone = await newDashboard(await newContext({ ...PHONE, styled: true }), stack.url);
  await phone.page.goto(link);
  await expectChat(phone);
  await withoutToasts(phone.page);
  pictures.push(await phone.page.screenshot());
  await keepScreenshot(await sideBySide(await newContext(), pictures), "login-to-phone");
}, 600_000);

/** A page that shows the pictures as steps, from left to right. */
async function sideBySide(context: BrowserContext, pictures: readonly Buffer[]): Promise<Page> {
  const steps = pictures.map((picture, index) => {
    const source = `data:image/png;base64,${picture.toString("base64")}`;
    return `<figure><img src="${source}"><figcaption>${index + 1}. ${STEPS[index]}</figcaption></figure>`;
  });
  const page = await context.newPage();
  await page.setViewportSize({ width: 1200, height: 860 });
  await page.setContent(`<style>
    body { margin: 0; padding: 40px 30px 0; display: flex; justify-content: space-around; background: #e4e8ef; }
    figure { margin: 0; text-align: center; font: 600 20px system-ui, sans-serif; color: #1b1e24; }
    img { display: block; width: 340px; margin-bottom: 20px; border: 6px solid #1b1e24; border-radius: 28px; }
  </style>${steps.join("")}`);
  return page;
}

/** Waits until nothing like "Connected to PocketPaw" covers the page's corner. */
async function withoutToasts(page: Page): Promise<void> {
  await expect
    .poll(() => page.locator(".toast-container > *").count(), { timeout: 60_000 })
    .toBe(0);
}
