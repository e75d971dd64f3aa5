import { afterAll, beforeAll, expect, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import { expectChat, newDashboard } from "./support/dashboard.ts";
import { type Stack, startStack } from "./support/stack.ts";

const newContext = useBrowser();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ parameters: { acceptMasterToken: "false" } });
});
afterAll(() => stack.stop());

test("with acceptMasterToken=false a link with the master token gets in after a reload at the latest", async () => {
  const context = await newContext();
  const dashboard = await newDashboard(context, stack.url);
  const { page } = dashboard;
  await page.goto(`${stack.url}/?token=${stack.masterToken}`);
  await expect.poll(async () => (await context.cookies()).length, { timeout: 60_000 }).toBe(1);
  // Requests that the page sends before its exchange has ended carry the master token. At the first
  // 403 it forgets its token and asks for a login, although it has the session's cookie by now.
  await page.reload();
  await expectChat(dashboard);
  await page.waitForLoadState("networkidle");
  expect(dashboard.failures()).toEqual([]);

  const authorization = `Bearer ${stack.masterToken}`;
  const response = await fetch(`${stack.url}/api/channels/status`, { headers: { authorization } });
  expect(response.status).toBe(403);
});
