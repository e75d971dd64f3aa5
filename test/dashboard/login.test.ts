import { expect, inject, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import {
  chat,
  expectChat,
  expectLoginForm,
  loaded,
  loginForm,
  newDashboard,
} from "./support/dashboard.ts";

const newContext = useBrowser();
const stack = inject("stack");

test("PocketPaw's own login tells a wrong token; a right one gets its page and chat, by the cookie alone", async () => {
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
  const now = Date.now() / 1000;
  await expectChat(dashboard);
  await chat(dashboard, "Hello");
  expect(dashboard.failures()).toEqual([]);
  expect(await page.evaluate(() => localStorage.getItem("pocketpaw_token"))).toBeNull();

  const cookies = await context.cookies();
  expect(cookies).toEqual([
    {
      name: "pocketpaw_gateway_session",
      value: expect.stringMatching(/^session(:|%3A)[0-9]+(:|%3A)[0-9a-f]{64}$/),
      domain: "localhost",
      path: "/",
      httpOnly: true,
      // Browsers do not send a Secure cookie to http://localhost everywhere.
      secure: false,
      sameSite: "Strict",
      expires: expect.any(Number),
    },
  ]);
  const end = Number(decodeURIComponent(cookies[0]?.value ?? "").split(":")[1]);
  expect(end - now).toBeGreaterThan(24 * 3600 - 120);
  expect(Math.abs((cookies[0]?.expires ?? 0) - end)).toBeLessThan(5);
});
