import { createServer } from "node:http";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPage } from "../../lib/functions/page.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { PHONE, useBrowser } from "./support/browser.ts";
import { addresses, button, expectMessage, expectState, submitToken } from "./support/page.ts";
import { pictureOf, readQrCode } from "./support/qr-code.ts";
import { type Gateway, startGateway } from "./support/stack.ts";

// The gateway's page, and no PocketPaw.
const newContext = useBrowser();
let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

/** Opens the page in a browser of its own. */
async function open(fragment = "", context?: BrowserContext): Promise<Page> {
  const page = await (context ?? (await newContext())).newPage();
  await page.goto(`${gateway.url}/gateway${fragment}`);
  return page;
}

const masterToken = () => gateway.currentMasterToken() ?? "";

test("a person logs in, pairs a phone, and logs out on each by itself", async () => {
  const page = await open();
  await submitToken(page, "not-the-token");
  await expectMessage(page, "This is not the master token.");
  await submitToken(page, ` ${masterToken()} `);
  await expectState(page, "You are logged in");

  await button(page, "Pair a phone").click();
  const link = await readQrCode(await pictureOf(page.getByAltText("QR code")));
  expect(link).toMatch(new RegExp(`^${gateway.url}/gateway#pair:`));
  const phone = await newContext(PHONE);
  const phonePage = await open(new URL(link).hash, phone);
  await expectState(phonePage, "You are logged in");
  const [cookie] = await phone.cookies();
  expect(cookie?.value.split(":")[1]).toBe(
    (await page.context().cookies())[0]?.value.split(":")[1],
  );

  await button(page, "Log out").click();
  await expectState(page, "You are logged out");
  expect(await page.context().cookies()).toEqual([]);
  await page.reload();
  await expectState(page, "Log in", "token");
  await phonePage.reload();
  await expectState(phonePage, "You are logged in");
});

test("who replaces the master token stays in, others are out, and it is where the page says", async () => {
  const before = masterToken();
  const [mine, other] = [await open(`#${before}`), await open(`#${before}`)];
  for (const page of [mine, other]) await expectState(page, "You are logged in");
  await button(mine, "Replace the master token").click();
  await button(mine, "Replace it").click();
  await expectMessage(mine, "The new token is in the output of npm start.");
  await expectState(mine, "You are logged in");
  await expect.poll(masterToken, { timeout: 10_000 }).not.toBe(before);
  expect(await mine.content()).not.toContain(masterToken());
  await mine.reload();
  await expectState(mine, "You are logged in");

  // Its functions see it within a minute, as secrets are fresh for that long.
  await expect
    .poll(() => other.evaluate(async () => (await fetch("/api/auth/session")).status), {
      timeout: 70_000,
      interval: 1_000,
    })
    .toBe(403);
  await button(other, "Pair a phone").click();
  await expectState(other, "Your session has ended");
  await submitToken(other, masterToken());
  await expectState(other, "You are logged in");
});

test("what is no token in the fragment is gone, runs nowhere, and leaves the session as it is", async () => {
  const page = await open(`#${masterToken()}`);
  await expectState(page, "You are logged in");
  const session = await page.context().cookies();
  for (const fragment of [
    "javascript:localStorage.setItem('ran','1')",
    "<img src=x onerror=localStorage.setItem('ran','1')>",
    "//evil.example/",
    // PocketPaw's own token and API key, a pairing token that has ended, and what does not decode.
    `9999999999:${"0".repeat(64)}`,
    "pp_0123456789",
    `pair:1:9999999999:${"0".repeat(64)}`,
    "%E0%A4%A",
    "a".repeat(1_000_000),
  ]) {
    await page.goto("about:blank");
    await page.goto(`${gateway.url}/gateway#${fragment}`);
    await expectMessage(page, "This link or QR code does not log in");
    await expectState(page, "You are logged in");
    expect(await addresses(page)).not.toContain("#");
    expect(await page.context().cookies()).toEqual(session);
  }
  expect(await page.evaluate(() => localStorage.getItem("ran"))).toBeNull();
});

test("nothing of a request is in the page, and HEAD has the headers of GET", async () => {
  const { headers, body } = await createPage({ hasPocketPaw: false })();
  for (const [method, expected] of [
    ["GET", body],
    ["HEAD", ""],
  ] as const) {
    const address = `${gateway.url}/gateway?x=<script>localStorage.setItem('ran','1')</script>`;
    const response = await fetch(address, { method });
    expect(Object.fromEntries(response.headers)).toMatchObject(headers);
    expect(await response.text()).toBe(expected);
  }
  const page = await open("?x=<script>localStorage.setItem('ran','1')</script>");
  await expectState(page, "Log in", "token");
  expect(page.url()).toBe(`${gateway.url}/gateway`);
});

test("a page of another origin can neither frame the page, nor reach into it, nor see it answer", async () => {
  const server = await listenOnLoopback(
    createServer((_request, response) => {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>Evil</title>");
    }),
  );
  const page = await (await newContext()).newPage();
  await page.goto(`http://localhost:${server.port}`);
  const url = `${gateway.url}/gateway`;
  await page.evaluate((source) => {
    document.body.append(Object.assign(document.createElement("iframe"), { src: source }));
  }, url);
  await expect.poll(() => page.frames()[1]?.url()).toContain("chrome-error:");
  const read = (address: string) => fetch(address).then(String, (error: Error) => error.name);
  expect(await page.evaluate(read, url)).toBe("TypeError");

  const popup = page.waitForEvent("popup");
  await page.evaluate((address) => {
    Object.assign(window, { opened: window.open(`${address}#stolen`) });
  }, url);
  await expectMessage(await popup, "This link or QR code does not log in");
  // It is in a group of its own: for its opener it is closed, and cannot be sent to another fragment.
  expect(await page.evaluate("opened.closed")).toBe(true);
  await server.close();
});
