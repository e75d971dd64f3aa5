import { setTimeout } from "node:timers/promises";
import type { BrowserContext } from "playwright-core";
import { expect, inject, test } from "vitest";
import { PHONE, useBrowser } from "./support/browser.ts";
import {
  expectChat,
  newDashboard,
  openLoggedIn,
  openRemoteAccess,
  qrCodePicture,
} from "./support/dashboard.ts";
import { readQrCode } from "./support/qr-code.ts";

/** A pairing token lives 60 s. */
const LONGER_THAN_A_PAIRING_TOKEN_MILLISECONDS = 65_000;

const newContext = useBrowser();
const stack = inject("stack");

test("the QR code lets a phone in until the session that showed it ends, without the master token", async () => {
  const laptop = await newContext();
  const { page } = await openLoggedIn(laptop, stack);
  await openRemoteAccess(page);
  const link = await readQrCode(await qrCodePicture(page));
  expect(link).toMatch(
    new RegExp(`^${stack.url}/\\?token=pair(:|%3A)[0-9]+(:|%3A)[0-9]+(:|%3A)[0-9a-f]{64}$`, "i"),
  );

  const phone = await newContext(PHONE);
  const dashboard = await newDashboard(phone, stack.url);
  const opened = Date.now();
  await dashboard.page.goto(link);
  await expectChat(dashboard);
  expect(await sessionEnd(phone)).toBe(await sessionEnd(laptop));

  await setTimeout(opened + LONGER_THAN_A_PAIRING_TOKEN_MILLISECONDS - Date.now());
  await dashboard.page.reload();
  await expectChat(dashboard);
  expect(await sessionEnd(phone)).toBe(await sessionEnd(laptop));
  const stored = await dashboard.page.evaluate(() => localStorage.getItem("pocketpaw_token"));
  expect(stored?.split(":").slice(0, 2)).toEqual(["session", `${await sessionEnd(laptop)}`]);
  await phone.close();
  await laptop.close();
});

/** When a context's session ends, in unix seconds, by its cookie. */
async function sessionEnd(context: BrowserContext): Promise<number> {
  const cookie = (await context.cookies()).find(({ name }) => name === "pocketpaw_session");
  return Number(cookie?.value.split(":")[0]);
}
