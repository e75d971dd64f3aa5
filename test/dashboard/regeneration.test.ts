import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import {
  expectChat,
  expectLoginForm,
  openLoggedIn,
  openRemoteAccess,
  qrCode,
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

  await expect
    .poll(async () => (await others.request.get(`${stack.url}/api/auth/session`)).status(), {
      timeout: 60_000 - (Date.now() - regenerated),
      interval: 1_000,
    })
    .toBe(403);
  await other.page.reload();
  await expectLoginForm(other.page);
  const oldToken = { data: { token: stack.masterToken } };
  expect((await others.request.post(`${stack.url}/api/auth/login`, oldToken)).status()).toBe(401);

  await page.reload();
  await expectChat(dashboard);
  await page.waitForLoadState("networkidle");
  expect(dashboard.failures()).toEqual([]);
  await openRemoteAccess(page);
  expect(await readQrCode(await qrCode(page).screenshot())).toContain(`${stack.url}/?token=`);
});
