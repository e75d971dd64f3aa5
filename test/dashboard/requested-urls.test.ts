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
