import { expect, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import {
  type Answer,
  addresses,
  button,
  expectMessage,
  expectState,
  type FakeOptions,
  inFor,
  openFake,
  submitToken,
} from "./support/page.ts";

// What the page shows, over an API of the test's own. The other suites of this folder have the real one.
const newContext = useBrowser();
const SESSION = "GET /api/auth/session";
const LOGIN = "POST /api/auth/login";

async function open(options: FakeOptions = {}) {
  return await openFake(await newContext(), options);
}

async function openLoggedIn(options: FakeOptions = {}) {
  const fake = await open({ ...options, isIn: true });
  await fake.goto();
  await expectState(fake.page, "You are logged in");
  return fake;
}

test("the form logs in with Enter, and the page stays: the dashboard is a link, its stored token is gone", async () => {
  const { page, goto, requests, url } = await open();
  await goto();
  await expectState(page, "Log in", "token");
  expect(await page.locator("input").count()).toBe(1);
  await page.evaluate(() => localStorage.setItem("pocketpaw_token", "session:1:a"));
  await submitToken(page, "the-master-token");
  await expectState(page, "You are logged in");
  expect(requests).toContain('POST /api/auth/login {"token":"the-master-token"}');
  expect(page.url()).toBe(url);
  expect(await page.evaluate(() => localStorage.getItem("pocketpaw_token"))).toBeNull();
  expect(await page.locator("input").inputValue()).toBe("");
  await page.getByRole("link", { name: "Open the dashboard" }).click();
  await page.getByText("Chat").waitFor();
});

test.for<[string, Answer, string]>([
  ["there is no network", undefined, "The gateway cannot be reached."],
  ["it is throttled", [429, { message: "Too Many Requests" }], "too many requests at the moment"],
  ["the secrets cannot be read", [503, {}, { "retry-after": "7" }], "Try again in 7 seconds."],
  ["a function fails", [500, { message: "Internal Server Error" }], "HTTP status 500"],
])("each action says so when %s, and can be tried again", async ([, failure, message]) => {
  const { page, api, goto } = await open();
  const whileFailing = async (key: string, act: () => Promise<unknown>, heading: string) => {
    const before = api[key];
    api[key] = failure;
    await act();
    await expectMessage(page, message);
    await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
    api[key] = before;
  };
  await whileFailing(SESSION, () => goto(), "Something went wrong");
  await button(page, "Try again").click();
  await expectState(page, "Log in", "token");
  await whileFailing(LOGIN, () => submitToken(page, "a-token"), "Log in");
  await expectState(page, "Log in", "token");
  await page.keyboard.press("Enter");
  await expectState(page, "You are logged in");
  await whileFailing(
    "POST /api/auth/logout",
    () => button(page, "Log out").click(),
    "You are logged in",
  );
  await button(page, "Log out").click();
  await expectState(page, "You are logged out");
  await whileFailing(LOGIN, () => goto("#session:1:a"), "Something went wrong");
  expect(await addresses(page)).not.toContain("session:1");
  await button(page, "Try again").click();
  await page.getByText("Chat").waitFor();
});

test.for<[string, Answer, string]>([
  ["the token is wrong", [401, { detail: "Invalid access token" }], "not the master token."],
  ["it is no token at all", [413], "not the master token."],
  ["the address is not allowed", [403], "from a page at this address"],
])("a login by the form says so when %s", async ([, answer, message]) => {
  const { page, api, goto } = await open();
  api[LOGIN] = answer;
  await goto();
  await submitToken(page, "a-token");
  await expectMessage(page, message);
  await expectState(page, "Log in", "token");
});

test("a login says so when the browser does not keep the cookie", async () => {
  const { page, goto } = await open({ keepsCookie: false });
  await goto();
  await submitToken(page, "a-token");
  await expectMessage(page, "did not keep the session's cookie");
});

test.for([true, false])(
  "a token in the fragment leaves the address and the history, and logs in; PocketPaw: %s",
  async (hasPocketPaw) => {
    const { page, goto, requests } = await open({ hasPocketPaw });
    const logIn = async (fragment: string) => {
      await goto(fragment);
      await (hasPocketPaw
        ? page.getByText("Chat").waitFor()
        : expectState(page, "You are logged in"));
      expect(await addresses(page)).not.toMatch(/pair|session/);
    };
    await logIn("#pair%3A1:2:3");
    expect(requests).toContain('POST /api/auth/login {"token":"pair:1:2:3"}');
    // Back leads to where the person was before, and not through the login again.
    expect(await page.evaluate(() => history.length)).toBe(2);
    await goto();
    await expectState(page, "You are logged in");
    await logIn("#session:1:a");
    expect(requests).toContain('POST /api/auth/login {"token":"session:1:a"}');
  },
);

test("the session's end is in the person's own time zone, with how long that is", async () => {
  const context = await newContext({ timezoneId: "Asia/Tokyo", locale: "en-GB" });
  const { page, api, goto } = await openFake(context);
  const now = Date.UTC(2026, 10, 27, 15, 0, 30);
  await page.clock.install({ time: now });
  for (const [seconds, text] of [
    [86_400 - 90, "Saturday 28 November at 23:59 GMT+9, for another 23 hours 59 minutes."],
    [30 * 86_400, "Monday 28 December at 00:00 GMT+9, for another 30 days."],
    [20, "Saturday 28 November at 00:00 GMT+9, for another 1 minute."],
  ] as const) {
    api[SESSION] = inFor(seconds, now);
    await goto();
    await page.getByText(`Until ${text}`).waitFor();
  }
});

test("a session that ends while the page is open is shown as ended, with the form", async () => {
  const { page, api, goto } = await open();
  await page.clock.install();
  api[SESSION] = inFor(30);
  await goto();
  await expectState(page, "You are logged in");
  api[SESSION] = [403];
  await page.clock.runFor(31_000);
  await expectState(page, "Your session has ended");
  await expectMessage(page, "goes on until its page is loaded again");
  await submitToken(page, "a-token");
  await expectState(page, "You are logged in");
});

test("a tab that comes back shows what another one has changed, and leaves typing alone", async () => {
  const { page, api, requests } = await openLoggedIn();
  // The page handles one after the other: the second request shows that the first response has been used.
  const comeBack = async () => {
    const asked = requests.length;
    await page.evaluate(() => {
      for (const _ of [1, 2]) document.dispatchEvent(new Event("visibilitychange"));
    });
    await expect.poll(() => requests.length).toBe(asked + 2);
  };
  await button(page, "Pair a phone").focus();
  await comeBack();
  api[SESSION] = undefined;
  await comeBack();
  await expectState(page, "You are logged in", "pair");
  api[SESSION] = [403];
  await comeBack();
  await expectState(page, "Your session has ended");
  await page.locator("input").fill("half a to");
  await comeBack();
  expect(await page.locator("input").inputValue()).toBe("half a to");
  await expectState(page, "Your session has ended", "token");
});

test("a QR code is shown with its seconds, ends after a minute, and there is a new one", async () => {
  const { page, requests, goto } = await open({ isIn: true });
  await page.clock.install();
  await goto();
  await button(page, "Pair a phone").click();
  await page.getByAltText("QR code").waitFor();
  await page.getByText("Valid for another 60 seconds").waitFor();
  await page.clock.runFor(10_000);
  await page.getByText("Valid for another 50 seconds").waitFor();
  await page.clock.runFor(50_000);
  await page.getByText("This code is no longer valid.").waitFor();
  expect(await page.getByAltText("QR code").isVisible()).toBe(false);
  await button(page, "Show a new code").click();
  await page.getByText("Valid for another 60 seconds").waitFor();
  await page.getByAltText("QR code").waitFor();
  expect(requests.filter((request) => request === "GET /api/qr")).toHaveLength(2);
});

test.for<[string, Answer, Answer, string, string]>([
  ["a regeneration has overtaken it", [409], [403], "Your session has ended", "Log in again"],
  ["the secrets cannot be read", [503], inFor(60), "You are logged in", "could not be made"],
  ["there is no network", undefined, undefined, "Something went wrong", "cannot be reached"],
])("no QR code: the page says so when %s", async ([, picture, session, heading, message]) => {
  const { page, api } = await openLoggedIn();
  Object.assign(api, { "GET /api/qr": picture, [SESSION]: session });
  await button(page, "Pair a phone").click();
  await expectMessage(page, message);
  await expectState(page, heading);
});

test.for([
  ["http://localhost:8000", true, "in the output of npm start and in PocketPaw's file"],
  ["https://paw.example.com", true, "in AWS Secrets Manager and in PocketPaw's file"],
  ["http://[::1]:8000", false, "in the output of npm start."],
  ["https://paw.example.com", false, "in the master token's secret in AWS Secrets Manager."],
] as const)(
  "at %s, PocketPaw %s: what a phone can reach; replacing asks first, and says where the token is",
  async ([origin, hasPocketPaw, place]) => {
    const { page, requests } = await openLoggedIn({ origin, hasPocketPaw });
    await button(page, "Pair a phone").click();
    await page.getByText("Scan this code").waitFor();
    expect(await page.getByText("A phone cannot reach").isVisible()).toBe(
      origin.startsWith("http:"),
    );
    await button(page, "Replace the master token").click();
    const question = page.getByRole("dialog", { name: "End every other session?" });
    expect(await question.innerText()).toContain("every session but this one ends");
    expect(await question.innerText()).toContain(place);
    await page.keyboard.press("Escape");
    await expectState(page, "You are logged in", "replace");
    expect(requests).not.toContain("POST /api/token/regenerate");

    await button(page, "Replace the master token").click();
    await button(page, "Replace it").click();
    await expectMessage(page, /has been replaced.*every other session has ended/);
    await expectMessage(page, place);
    await expectState(page, "You are logged in");
    expect(await page.content()).not.toContain("session:9:f");
  },
);

test.for<[string, Answer, Answer, string, string]>([
  ["the session has ended", [403], [403], "Your session has ended", "Log in again"],
  [
    "another was first",
    [409, { detail: "by another" }],
    [403],
    "Your session has ended",
    "by another",
  ],
  ["it was not stored", [500, { detail: "put it" }], inFor(60), "You are logged in", "put it"],
  ["it is throttled", [429], inFor(60), "You are logged in", "It is not certain"],
  ["there is no network", undefined, undefined, "Something went wrong", "It is not certain"],
])("replacing says so when %s", async ([, answer, session, heading, message]) => {
  const { page, api } = await openLoggedIn();
  Object.assign(api, { "POST /api/token/regenerate": answer, [SESSION]: session });
  await button(page, "Replace the master token").click();
  await button(page, "Replace it").click();
  await expectMessage(page, message);
  await expectState(page, heading);
});

test.for([true, false])(
  "after a logout the page says that an open chat goes on, if there is one: %s",
  async (hasPocketPaw) => {
    const { page } = await openLoggedIn({ hasPocketPaw });
    expect(await page.getByRole("link").count()).toBe(hasPocketPaw ? 1 : 0);
    await page.evaluate(() => localStorage.setItem("pocketpaw_token", "session:1:a"));
    await button(page, "Log out").click();
    await expectState(page, "You are logged out");
    expect(await page.evaluate(() => localStorage.getItem("pocketpaw_token"))).toBeNull();
    const text = await page.locator("main").innerText();
    expect(text.includes("goes on until its page is loaded again")).toBe(hasPocketPaw);
  },
);

test("the keyboard alone is enough, and the answer that changes nothing comes first to hand", async () => {
  const { page } = await openLoggedIn();
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  for (const name of [
    "Open the dashboard",
    "Pair a phone",
    "Log out",
    "Replace the master token",
  ]) {
    await page.keyboard.press("Tab");
    expect(await focused()).toBe(name);
  }
  await page.keyboard.press("Enter");
  await expect.poll(focused).toBe("Cancel");
  await page.keyboard.press("Enter");
  await expectState(page, "You are logged in", "replace");
});
