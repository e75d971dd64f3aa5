import { expect, inject, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import { expectChat, newDashboard } from "./support/dashboard.ts";

const newContext = useBrowser();
const stack = inject("stack");

test("a link with the master token gets in, also after a reload, and is exchanged for a session", async () => {
  const context = await newContext();
  const dashboard = await newDashboard(context, stack.url);
  const { page } = dashboard;
  await page.goto(`${stack.url}/?token=${stack.masterToken}`);
  await expectChat(dashboard);
  expect(new URL(page.url()).search).toBe("");
  const stored = await page.evaluate(() => localStorage.getItem("pocketpaw_token"));
  expect(stored).toMatch(/^session:[0-9]+:[0-9a-f]{64}$/);
  expect(await context.cookies()).toMatchObject([{ name: "pocketpaw_session", httpOnly: true }]);

  await page.reload();
  await expectChat(dashboard);
  await page.waitForLoadState("networkidle");
  expect(dashboard.failures()).toEqual([]);
  await context.close();
});
