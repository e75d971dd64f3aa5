import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { useBrowser } from "./support/browser.ts";
import {
  expectChat,
  expectLoginForm,
  openLoggedIn,
  openRemoteAccess,
  qrCode,
} from "./support/dashboard.ts";
import { button, expectMessage } from "./support/page.ts";
import { pictureOf, readQrCode } from "./support/qr-code.ts";
import { type Stack, startStack } from "./support/stack.ts";

const newContext = useBrowser();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

test.for<[string, (page: Page) => Promise<void>]>([
  [
    "PocketPaw's own dialog",
    async (page) => {
      await openRemoteAccess(page);
      await page.getByRole("button", { name: "Regenerate Access Token" }).click();
      await page.getByText("Token regenerated!").waitFor();
    },
  ],
  [
    "the gateway's page",
    async (page) => {
      const tab = await page.context().newPage();
      await tab.goto(`${stack.url}/gateway`);
      await button(tab, "Replace the master token").click();
      await button(tab, "Replace it").click();
      await expectMessage(tab, "and in PocketPaw's file ~/.pocketpaw/access_token.");
      await page.reload();
    },
  ],
])(
  "who replaces the master token in %s stays in, chat included, without it; others are out",
  async ([, replace]) => {
    const before = pocketPawsToken();
    const others = await newContext();
    const current = { url: stack.url, masterToken: before };
    const dashboard = await openLoggedIn(await newContext(), current);
    const other = await openLoggedIn(others, current);
    const { page } = dashboard;
    await replace(page);
    await expectChat(dashboard);
    expect(pocketPawsToken()).not.toBe(before);
    await expect.poll(stack.currentMasterToken).toBe(pocketPawsToken());
    const storage = await page.evaluate(() => JSON.stringify(localStorage));
    expect(storage).not.toContain(pocketPawsToken());

    // Each function sees the new token within a minute, as its secrets are fresh for that long.
    const session = () => others.request.get(`${stack.url}/api/auth/session`);
    const login = () =>
      others.request.post(`${stack.url}/api/auth/login`, { data: { token: before } });
    for (const [attempt, status] of [
      [session, 403],
      [login, 401],
    ] as const) {
      await expect
        .poll(async () => (await attempt()).status(), { timeout: 70_000, interval: 1_000 })
        .toBe(status);
    }
    await other.page.reload();
    await expectLoginForm(other.page);

    await page.reload();
    await expectChat(dashboard);
    expect(dashboard.failures()).toEqual([]);
    await openRemoteAccess(page);
    expect(await readQrCode(await pictureOf(qrCode(page)))).toContain(`${stack.url}/gateway#pair:`);
  },
);

test("npm start with a real PocketPaw passes every row of the smoke test; PocketPaw's default file jail is noticed", async () => {
  const options = { url: new URL(stack.url), masterToken: pocketPawsToken(), regenerate: true };
  const found = Object.entries(await runChecks(options));
  const others = found.filter(([, { verdict }]) => verdict !== "holds");
  expect(others).toMatchObject([["file-jail", { verdict: "does not hold" }]]);
});

function pocketPawsToken(): string {
  return readFileSync(join(stack.home, ".pocketpaw", "access_token"), "utf8").trim();
}
