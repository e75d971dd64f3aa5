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
  const hasGivenUp = page.waitForEvent("console", {
    predicate: (message) => message.text().includes("Max reconnect attempts reached"),
    timeout: 120_000,
  });
  const isBack = expect
    .poll(() => dashboard.frames().length, { timeout: 120_000 })
    .toBe(0)
    .then(() => expectChat(dashboard));

  await stack.stopPocketPaw();
  const response = await context.request.get(`${stack.url}/api/channels/status`);
  expect(response.status()).toBe(503);
  expect(await response.json()).toEqual({ message: "Service Unavailable" });
  await stack.restartPocketPaw();

  // The dashboard itself tries five times, for 25 s; a start on a busy machine may take longer.
  await Promise.race([isBack, hasGivenUp.then(() => page.reload()).then(() => isBack)]);
  expect((await context.request.get(`${stack.url}/api/channels/status`)).status()).toBe(200);
});
