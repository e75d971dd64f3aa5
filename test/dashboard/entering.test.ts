import { expect, inject, test } from "vitest";
import { PHONE, useBrowser } from "./support/browser.ts";
import { expectChat, expectLoginForm, logIn, newDashboard } from "./support/dashboard.ts";
import { addresses, button, expectState, submitToken } from "./support/page.ts";
import { pictureOf, readQrCode } from "./support/qr-code.ts";

const newContext = useBrowser();
const stack = inject("stack");

/** A way in: by a link, or by the form. */
type Way = readonly [name: string, link: null | (() => Promise<string>)];

test.for<Way>([
  ["the page's form", null],
  ["a QR code", linkOfQrCode],
  ["a link with the master token", async () => `${stack.url}/?token=${stack.masterToken}`],
  ["a link with a session token", async () => `${stack.url}/?token=${await exchange()}`],
])(
  "%s leads to the dashboard and its chat, leaves no token, and the logout in another tab ends it",
  async ([, linkFor]) => {
    const context = await newContext(PHONE);
    const link = (await linkFor?.()) ?? `${stack.url}/gateway`;
    const token = linkFor === null ? stack.masterToken : /(?:#|token=)(.*)/.exec(link)?.[1];
    const sent: Promise<string>[] = [];
    context.on("request", (request) => {
      const address = request.url() === link ? "" : request.url();
      sent.push(request.allHeaders().then(({ referer = "" }) => `${address} ${referer}`));
    });
    const dashboard = await newDashboard(context, stack.url);
    const { page } = dashboard;
    await page.goto(link);
    if (linkFor === null) {
      await submitToken(page, stack.masterToken);
      await page.getByRole("link", { name: "Open the dashboard" }).click();
    }
    await expectChat(dashboard);
    await page.reload();
    await expectChat(dashboard);
    expect(dashboard.failures()).toEqual([]);
    expect(await page.getByText("Unknown error").count()).toBe(0);
    expect((await Promise.all(sent)).join("\n")).not.toContain(token);
    expect(await addresses(page)).not.toContain(token);
    expect(await page.evaluate(() => localStorage.getItem("pocketpaw_token"))).toBeNull();
    expect(await context.cookies()).toMatchObject([{ name: "pocketpaw_gateway_session" }]);

    // What the dashboard, or an older gateway, has stored.
    await page.evaluate(() => localStorage.setItem("left", "behind"));
    const gatewayPage = await context.newPage();
    await gatewayPage.goto(`${stack.url}/gateway`);
    await button(gatewayPage, "Log out").click();
    await expectState(gatewayPage, "You are logged out");
    expect(await context.cookies()).toEqual([]);
    for (const tab of [page, gatewayPage])
      expect(await tab.evaluate(() => localStorage.getItem("left"))).toBeNull();
    expect((await context.request.get(`${stack.url}/api/channels/status`)).status()).toBe(403);
    await page.reload();
    await expectLoginForm(page);
    await context.close();
  },
);

/** What the QR code of the gateway's page holds. */
async function linkOfQrCode(): Promise<string> {
  const laptop = await newContext();
  await logIn(laptop, stack.url, stack.masterToken);
  const page = await laptop.newPage();
  await page.goto(`${stack.url}/gateway`);
  await button(page, "Pair a phone").click();
  const link = await readQrCode(await pictureOf(page.getByAltText("QR code")));
  expect(link).toMatch(new RegExp(`^${stack.url}/gateway#pair:[0-9]+:[0-9]+:[0-9a-f]{64}$`));
  return link;
}

async function exchange(): Promise<string> {
  const response = await fetch(`${stack.url}/api/auth/session`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.masterToken}` },
  });
  return (await response.json()).session_token;
}
