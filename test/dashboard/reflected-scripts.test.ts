import type { BrowserContext, Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import { logIn } from "./support/dashboard.ts";

const newContext = useBrowser();
const stack = inject("stack");

/** Where PocketPaw's own policy lets scripts come from. */
const EVIL = "https://cdn.jsdelivr.net/npm/evil";
const SCRIPT = encodeURIComponent(`"><script src="${EVIL}"></script>`);
const AUTHORIZE = `client_id=pocketpaw-desktop&redirect_uri=${encodeURIComponent("http://localhost/")}&code_challenge=c`;
/** Where PocketPaw 0.4.18 reflects a parameter unescaped. */
const CALLBACKS = [
  `/oauth/callback?error=${SCRIPT}`,
  `/api/v1/oauth/integrations/callback?error=${SCRIPT}`,
];
const AUTHORIZE_PAGE = `/api/v1/oauth/authorize?${AUTHORIZE}&state=${SCRIPT}`;

test.for([...CALLBACKS, AUTHORIZE_PAGE].map(named))(
  "PocketPaw itself, past the gateway, runs the script of %s",
  async ([, path]) => {
    const context = await newContext();
    await logIn(context, stack.pocketPawUrl, stack.masterToken);
    // Here it would get the new master token, and other tests use the one that there is.
    const page = await withEvilScript(context, "");
    await page.goto(`${stack.pocketPawUrl}${path}`, { waitUntil: "networkidle" });
    expect(await ran(page)).toBe("1");
    await context.close();
  },
);

test("PocketPaw's OAuth callbacks are not reached through the gateway, so that nothing is reflected", async () => {
  const context = await newContext();
  await logIn(context, stack.url, stack.masterToken);
  const page = await withEvilScript(context);
  const spellings = CALLBACKS.flatMap((path) => [
    path,
    path.replace("/oauth", "//oauth"),
    path.replace("callback", "callback/"),
  ]);
  for (const path of spellings) {
    const response = await page.goto(`${stack.url}${path}`, { waitUntil: "networkidle" });
    expect(response?.status(), path).toBe(404);
    expect(await response?.text(), path).not.toContain("evil");
  }
  await expectNothingRan(context, page);
  await context.close();
});

test("no script runs that PocketPaw's authorize page reflects, and nobody regenerates", async () => {
  const context = await newContext();
  await logIn(context, stack.url, stack.masterToken);
  const page = await withEvilScript(context);
  const response = await page.goto(`${stack.url}${AUTHORIZE_PAGE}`, { waitUntil: "networkidle" });
  // It is reflected: what stops it is the gateway's policy.
  expect(await response?.text()).toContain(EVIL);
  expect(response?.headers()["content-security-policy"]).toContain("script-src 'none'");
  await expectNothingRan(context, page);
  await context.close();
});

/** A case, with the path alone for its title. */
function named(path: string): [name: string, path: string] {
  return [path.replace(/\?.*/, ""), path];
}

/** A page for which the attacker's script is there to be loaded. It wants the new master token. */
async function withEvilScript(
  context: BrowserContext,
  theft = "fetch('/api/token/regenerate',{method:'POST'})",
): Promise<Page> {
  await context.route(EVIL, (route) =>
    route.fulfill({
      contentType: "text/javascript",
      body: `localStorage.setItem('ran','1');${theft}`,
    }),
  );
  return await context.newPage();
}

function ran(page: Page): Promise<string | null> {
  return page.evaluate(() => localStorage.getItem("ran"));
}

async function expectNothingRan(context: BrowserContext, page: Page): Promise<void> {
  expect(await ran(page)).toBeNull();
  // The token is what it was.
  await logIn(context, stack.url, stack.masterToken);
}
