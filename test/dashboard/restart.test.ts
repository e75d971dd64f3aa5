import { afterAll, beforeAll, expect, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import { expectChat, openLoggedIn } from "./support/dashboard.ts";
import { type Stack, startStack } from "./support/stack.ts";

const newContext = useBrowser();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

test("the page recovers when PocketPaw is stopped and started again", async () => {
  const context = await newContext();
  const dashboard = await openLoggedIn(context, stack);
  const { page } = dashboard;
  let hasGivenUp = false;
  page.on("console", (message) => {
    hasGivenUp ||= message.text().includes("Max reconnect attempts reached");
  });

  await stack.stopPocketPaw();
  await expect.poll(() => dashboard.frames().length, { timeout: 60_000 }).toBe(0);
  const response = await context.request.get(`${stack.url}/api/channels/status`);
  expect(response.status()).toBe(503);
  expect(await response.json()).toEqual({ message: "Service Unavailable" });
  await stack.restartPocketPaw();

  // The dashboard itself tries five times, for 25 s; a start on a busy machine may take longer.
  await expect
    .poll(() => hasGivenUp || dashboard.frames().length > 0, { timeout: 60_000 })
    .toBe(true);
  if (hasGivenUp) await page.reload();
  await expectChat(dashboard);
  expect((await context.request.get(`${stack.url}/api/channels/status`)).status()).toBe(200);
});
