import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { PHONE, useBrowser } from "./support/browser.ts";
import { expectChat, expectLoginForm, logIn, newDashboard } from "./support/dashboard.ts";
import { addresses, button, expectState, submitToken } from "./support/page.ts";
import { pictureOf, readQrCode } from "./support/qr-code.ts";
import { type Stack, type StackInfo, startStack } from "./support/stack.ts";

const newContext = useBrowser();
/** A pairing token is valid for a minute. */
const A_MINUTE = { timeout: 90_000, interval: 1_000 };

/** By the form of the gateway's page. */
const FORM = ["the page's form", null] as const;
const QR_CODE = ["a QR code", linkOfQrCode] as const;
const MASTER_LINK = [
  "a link with the master token",
  async ({ url, masterToken }: StackInfo) => `${url}/?token=${masterToken}`,
] as const;
const SESSION_LINK = [
  "a link with a session token",
  async (stack: StackInfo) => `${stack.url}/?token=${await exchange(stack)}`,
] as const;

type Way = readonly [name: string, link: null | ((stack: StackInfo) => Promise<string>)];

test.for<Way>([FORM, QR_CODE, MASTER_LINK, SESSION_LINK])(
  "%s leads to the dashboard and its chat, leaves no token, and the logout ends it",
  async ([, linkFor]) => {
    await enterAndLeave(inject("stack"), linkFor);
  },
);

describe("with acceptMasterToken=false", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ parameters: { acceptMasterToken: "false" } });
  });
  afterAll(() => stack.stop());

  test.for<Way>([MASTER_LINK, SESSION_LINK])("%s does the same", async ([, linkFor]) => {
    await enterAndLeave(stack, linkFor);
  });
});

test("a QR code logs in for a minute, and its session ends with the one that showed it", async () => {
  const stack = inject("stack");
  const laptop = await newContext();
  await logIn(laptop, stack.url, stack.masterToken);
  const link = await linkOfQrCode(stack, laptop);
  const phone = await newContext(PHONE);
  const dashboard = await newDashboard(phone, stack.url);
  await dashboard.page.goto(link);
  await expectChat(dashboard);
  expect(await sessionEnd(phone)).toBe(await sessionEnd(laptop));

  const again = async () => {
    const data = { token: new URL(link).hash.slice(1) };
    return (await laptop.request.post(`${stack.url}/api/auth/login`, { data })).status();
  };
  expect(await again()).toBe(200);
  await expect.poll(again, A_MINUTE).toBe(401);
  await dashboard.page.reload();
  await expectChat(dashboard);
});

/** Enters by a link, or by the form; expects that no token is left anywhere; logs out in another tab. */
async function enterAndLeave(stack: StackInfo, linkFor: Way[1]): Promise<void> {
  const context = await newContext(PHONE);
  const link = (await linkFor?.(stack)) ?? `${stack.url}/gateway`;
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
}

/** What the QR code of the gateway's page holds. */
async function linkOfQrCode(stack: StackInfo, context?: BrowserContext): Promise<string> {
  const laptop = context ?? (await newContext());
  await logIn(laptop, stack.url, stack.masterToken);
  const page = await laptop.newPage();
  await page.goto(`${stack.url}/gateway`);
  await button(page, "Pair a phone").click();
  const link = await readQrCode(await pictureOf(page.getByAltText("QR code")));
  expect(link).toMatch(new RegExp(`^${stack.url}/gateway#pair:[0-9]+:[0-9]+:[0-9a-f]{64}$`));
  return link;
}

async function exchange({ url, masterToken }: StackInfo): Promise<string> {
  const response = await fetch(`${url}/api/auth/session`, {
    method: "POST",
    headers: { authorization: `Bearer ${masterToken}` },
  });
  return (await response.json()).session_token;
}

/** When a context's session ends, in unix seconds, by its cookie. */
async function sessionEnd(context: BrowserContext): Promise<number> {
  const [cookie] = await context.cookies();
  return Number(decodeURIComponent(cookie?.value ?? "").split(":")[1]);
}
