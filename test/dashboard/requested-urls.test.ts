import type { Request } from "playwright-core";
import { expect, inject, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import { chat, openLoggedIn, openRemoteAccess } from "./support/dashboard.ts";
import { listedUrls } from "./support/requested-urls.ts";

/** What the sidebar opens, by its buttons' names. */
const TOOLS = [
  ...["Files", "Reminders", "Intentions", "Skills", "Identity", "Memory", "Audit", "Health"],
  ...["Analytics", "Channels", "Settings"],
];
const VIEWS = ["Activity", "Terminal", "Deep Work", "Chat"];

const newContext = useBrowser();
const stack = inject("stack");

// The format, `<kind> <method> <path>`, is that of `normalizeRequest`. test/package reads the list too.
test("requested-urls.json lists what the dashboard requests of the gateway, view by view", async () => {
  const context = await newContext();
  const dashboard = await openLoggedIn(context, stack);
  const { page } = dashboard;
  // Its trace is one of the views.
  await chat(dashboard, "Hello");
  for (const name of VIEWS) {
    await page.getByRole("button", { name }).first().dispatchEvent("click");
  }
  for (const name of TOOLS) {
    await page
      .getByRole("button", { name, exact: name !== "Health" })
      .first()
      .dispatchEvent("click");
  }
  await page.getByRole("button", { name: "MCP" }).first().dispatchEvent("click");
  await openRemoteAccess(page);
  const listed = listedUrls();
  await expect
    .poll(() => listed.filter((url) => !dashboard.requested().includes(url)), { timeout: 30_000 })
    .toEqual([]);
  expect(dashboard.requested().filter((url) => !listed.includes(url))).toEqual([]);
  expect(dashboard.failures()).toEqual([]);
});

// Over HTTP/2 a browser sends them at once. docs/costs.md says what that means for Lambda's concurrency.
test("the dashboard's first load makes more than 10 API requests", async () => {
  const context = await newContext();
  const isApi = (request: Request) => new URL(request.url()).pathname.startsWith("/api/");
  let [started, ended, most] = [0, 0, 0];
  context.on("request", (request) => {
    started += Number(isApi(request));
    most = Math.max(most, started - ended);
  });
  const end = (request: Request) => {
    ended += Number(isApi(request));
  };
  context.on("requestfinished", end);
  context.on("requestfailed", end);
  await openLoggedIn(context, stack);
  console.info(`The dashboard's first load: ${started} API requests, ${most} under way at once`);
  expect(started).toBeGreaterThan(10);
});
