import { expect, inject, test } from "vitest";
import { apiRoutes, PAGE_ROUTES } from "../../deploy/routes.js";
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

// The format, `<kind> <method> <path>`, is that of `normalizeRequest`. Other suites may read the list.
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
  await page.waitForLoadState("networkidle");
  expect(dashboard.requested().filter((url) => !listed.includes(url))).toEqual([]);
  expect(dashboard.failures()).toEqual([]);
});

test("each listed URL has a route of its kind", () => {
  const routes = { page: PAGE_ROUTES, API: apiRoutes(), WebSocket: ["GET /ws"] };
  const kindOf = (request: string) =>
    Object.entries(routes).find(([, keys]) => keys.some((key) => matches(key, request)))?.[0];
  const requests = listedUrls().map((line) => line.slice(line.indexOf(" ") + 1));
  expect(requests.map((request) => `${kindOf(request)} ${request}`)).toEqual(listedUrls());
  expect(requests).toContain("GET /");
});

/** Whether a route key of an HTTP API fits a method and path: `{name}` is one segment, `{name+}` the rest. */
function matches(routeKey: string, methodAndPath: string): boolean {
  const pattern = routeKey
    .replaceAll(".", "\\.")
    .replace(/\{\w+\+\}/g, ".+")
    .replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}$`).test(methodAndPath);
}
