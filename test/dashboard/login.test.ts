import { expect, inject, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import {
  chat,
  expectChat,
  expectLoginForm,
  loaded,
  loginForm,
  newDashboard,
  openLoggedIn,
} from "./support/dashboard.ts";

const newContext = useBrowser();
const stack = inject("stack");

test("the dashboard tells a wrong token, and a right one gets the page and its chat", async () => {
  const context = await newContext();
  const dashboard = await newDashboard(context, stack.url);
  const { page } = dashboard;
  await page.goto(stack.url);
  await expectLoginForm(page);
  await loaded(page);

  await loginForm(page).fill("not-the-token");
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText("Invalid access token. Please try again.").waitFor();
  expect(await context.cookies()).toEqual([]);

  await loginForm(page).fill(` ${stack.masterToken} `);
  const reload = page.waitForEvent("framenavigated");
  await page.getByRole("button", { name: "Connect" }).click();
  await reload;
  await expectChat(dashboard);
  await page.waitForLoadState("networkidle");
  expect(dashboard.failures()).toEqual([]);
  expect(await page.getByText("Unknown error").count()).toBe(0);
  await context.close();
});

test("the session cookie is HttpOnly, Lax, for every path, and ends with its token", async () => {
  const context = await newContext();
  await openLoggedIn(context, stack);
  const now = Date.now() / 1000;
  const cookies = await context.cookies();
  expect(cookies).toEqual([
    {
      name: "pocketpaw_session",
      value: expect.stringMatching(/^[0-9]+:[0-9a-f]{64}$/),
      domain: "localhost",
      path: "/",
      httpOnly: true,
      // Browsers do not send a Secure cookie to http://localhost everywhere.
      secure: false,
      sameSite: "Lax",
      expires: expect.any(Number),
    },
  ]);
  const [cookie] = cookies;
  const tokenEnd = Number(cookie?.value.split(":")[0]);
  expect(tokenEnd - now).toBeGreaterThan(24 * 3600 - 120);
  expect(tokenEnd - now).toBeLessThanOrEqual(24 * 3600);
  expect(Math.abs((cookie?.expires ?? 0) - tokenEnd)).toBeLessThan(5);
  await context.close();
});

test("a chat message gets a reply over the WebSocket", async () => {
  const context = await newContext();
  const dashboard = await openLoggedIn(context, stack);
  await chat(dashboard, "Hello");
  await context.close();
});

test("after a logout the dashboard asks for the token again", async () => {
  const context = await newContext();
  const { page } = await openLoggedIn(context, stack);
  // PocketPaw 0.4.18's page has no button for it.
  const response = await page.evaluate(async () => {
    const { status } = await fetch("/api/auth/logout", { method: "POST" });
    return status;
  });
  expect(response).toBe(200);
  expect(await context.cookies()).toEqual([]);
  await page.reload();
  await expectLoginForm(page);
  await context.close();
});
