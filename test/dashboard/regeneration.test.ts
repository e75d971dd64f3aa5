import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import {
  expectChat,
  expectLoginForm,
  openLoggedIn,
  openRemoteAccess,
  qrCodePicture,
} from "./support/dashboard.ts";
import { readQrCode } from "./support/qr-code.ts";
import { type Stack, startStack } from "./support/stack.ts";

const newContext = useBrowser();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

test("who regenerates the token in the dashboard stays in, chat included; others are out within 60 s", async () => {
  const mine = await newContext();
  const others = await newContext();
  const dashboard = await openLoggedIn(mine, stack);
  const other = await openLoggedIn(others, stack);
  const { page } = dashboard;

  await openRemoteAccess(page);
  await page.getByRole("button", { name: "Regenerate Access Token" }).click();
  await page.getByText("Token regenerated!").waitFor();
  const regenerated = Date.now();
  const newToken = await page.evaluate(() => localStorage.getItem("pocketpaw_token"));
  expect(newToken).not.toBe(stack.masterToken);
  expect(newToken).toBe(
    readFileSync(join(stack.home, ".pocketpaw", "access_token"), "utf8").trim(),
  );
  await expectChat(dashboard);

  // Each function sees the new token within a minute, as its secrets are fresh for that long.
  const session = () => others.request.get(`${stack.url}/api/auth/session`);
  const login = () =>
    others.request.post(`${stack.url}/api/auth/login`, { data: { token: stack.masterToken } });
  for (const [attempt, status] of [
    [session, 403],
    [login, 401],
  ] as const) {
    await expect
      .poll(async () => (await attempt()).status(), {
        timeout: Math.max(1, regenerated + 61_000 - Date.now()),
        interval: 1_000,
      })
      .toBe(status);
  }
  await other.page.reload();
  await expectLoginForm(other.page);

  await page.reload();
  await expectChat(dashboard);
  await page.waitForLoadState("networkidle");
  expect(dashboard.failures()).toEqual([]);
  await openRemoteAccess(page);
  expect(await readQrCode(await qrCodePicture(page))).toContain(`${stack.url}/?token=`);
});
