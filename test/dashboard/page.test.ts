import { expect, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import {
  type Answer,
  addresses,
  button,
  expectMessage,
  expectState,
  inFor,
  openFake,
  submitToken,
} from "./support/page.ts";

// What the page shows, over an API of the test's own. page-entering.test.ts has the real one.
const newContext = useBrowser();
const SESSION = "GET /api/auth/session";
const NO_CONNECTION = "The gateway cannot be reached.";

/** What each failure looks like, whatever failed. */
const FAILURES: readonly [name: string, answer: Answer, message: string][] = [
  ["there is no network", undefined, NO_CONNECTION],
  ["it is throttled", [429, { message: "Too Many Requests" }], "too many requests at the moment"],
  ["the secrets cannot be read", [503, {}, { "retry-after": "7" }], "Try again in 7 seconds."],
  ["a function fails", [500, { message: "Internal Server Error" }], "HTTP status 500"],
];

async function open(options: Parameters<typeof openFake>[1] = {}) {
  return await openFake(await newContext(), options);
}

async function openLoggedIn(options: Parameters<typeof openFake>[1] = {}) {
  const fake = await open({ ...options, isIn: true });
  await fake.open();
  await expectState(fake.page, "You are logged in");
  return fake;
}

test("the form logs in with Enter, and the page stays: it shows until when, and the dashboard's link", async () => {
  const fake = await open();
  const { page } = fake;
  await fake.open();
  await expectState(page, "Log in", "token");
  expect(await page.locator("input").count()).toBe(1);
  await submitToken(page, "the-master-token");
  await expectState(page, "You are logged in");
  expect(fake.requests).toContain('POST /api/auth/login {"token":"the-master-token"}');
  expect(page.url()).toBe(fake.url);
  expect(await page.getByLabel("Master token").inputValue()).toBe("");
  await page.getByRole("link", { name: "Open the dashboard" }).click();
  await page.getByText("Chat").waitFor();
});

test.for([
  [
    "the token is wrong",
    [401, { detail: "Invalid access token" }],
    "This is not the master token.",
  ],
  ["it is no token at all", [413], "This is not the master token."],
  ["the page is at an address that is not allowed", [403], "from a page at this address"],
  ...FAILURES,
] as const)("a login by the form says so when %s", async ([, answer, message]) => {
  const fake = await open();
  fake.api["POST /api/auth/login"] = answer as Answer;
  await fake.open();
  await submitToken(fake.page, "a-token");
  await expectMessage(fake.page, message);
  await expectState(fake.page, "Log in", "token");
  expect(await fake.page.getByLabel("Master token").inputValue()).toBe("a-token");
});

test.for(FAILURES)(
  "the page says so when %s while it asks for the session, and tries again",
  async ([, answer, message]) => {
    const fake = await open();
    fake.api[SESSION] = answer;
    await fake.open();
    await expectMessage(fake.page, message);
    await expectState(fake.page, "Something went wrong");
    fake.api[SESSION] = inFor(60);
    await button(fake.page, "Try again").click();
    await expectState(fake.page, "You are logged in");
  },
);

test("the page says so when the browser does not keep the cookie", async () => {
  const fake = await open({ keepsCookie: false });
  await fake.open();
  await submitToken(fake.page, "a-token");
  await expectMessage(fake.page, "did not keep the session's cookie");
});

test.for([true, false])(
  "a token in the fragment leaves the address and the history, and logs in; PocketPaw behind it: %s",
  async (hasPocketPaw) => {
    const fake = await open({ hasPocketPaw });
    await fake.open("#pair%3A1:2:3");
    await (hasPocketPaw
      ? fake.page.getByText("Chat").waitFor()
      : expectState(fake.page, "You are logged in"));
    expect(fake.requests).toContain('POST /api/auth/login {"token":"pair:1:2:3"}');
    expect(await addresses(fake.page)).not.toContain("pair");
    // Back leads to where the person was before, and not through the login again.
    expect(await fake.page.evaluate(() => history.length)).toBe(2);
  },
);

test("a token that comes into the fragment while the page is open logs in as well", async () => {
  const fake = await open({ hasPocketPaw: false });
  await fake.open();
  await expectState(fake.page, "Log in", "token");
  await fake.open("#session:1:a");
  await expectState(fake.page, "You are logged in");
  expect(await addresses(fake.page)).not.toContain("session");
});

test("a link that does not log in leaves an existing session as it is, and says why", async () => {
  const fake = await open({ isIn: true });
  fake.api["POST /api/auth/login"] = [401];
  await fake.open("#pair:1:2:3");
  await expectMessage(fake.page, "a QR code is valid for a minute");
  await expectState(fake.page, "You are logged in");
});

test.for(FAILURES)("a link's token is tried again when %s", async ([, answer, message]) => {
  const fake = await open();
  fake.api["POST /api/auth/login"] = answer;
  await fake.open("#session:1:a");
  await expectMessage(fake.page, message);
  expect(await addresses(fake.page)).not.toContain("session:1");
  fake.api["POST /api/auth/login"] = [200];
  await button(fake.page, "Try again").click();
  await fake.page.getByText("Chat").waitFor();
});

test("the session's end is in the person's own time zone, with how long that is", async () => {
  const context = await newContext({ timezoneId: "Asia/Tokyo", locale: "en-GB" });
  const { page, api, open: go } = await openFake(context);
  const now = Date.UTC(2026, 10, 27, 15, 0, 30);
  await page.clock.install({ time: now });
  api[SESSION] = inFor(86_400 - 90, now);
  await go();
  await page
    .getByText("Until Saturday 28 November at 23:59 GMT+9, for another 23 hours 59 minutes.")
    .waitFor();
});

test("a session that ends while the page is open is shown as ended, with the form", async () => {
  const { page, api, open: go } = await open();
  await page.clock.install();
  api[SESSION] = inFor(30);
  await go();
  await expectState(page, "You are logged in");
  api[SESSION] = [403];
  await page.clock.runFor(31_000);
  await expectState(page, "Your session has ended");
  await expectMessage(page, "goes on until its page is loaded again");
  expect(await page.getByLabel("Master token").isVisible()).toBe(true);
});

test("a tab that comes back shows what another one has changed, and leaves typing alone", async () => {
  const { page, api, requests } = await openLoggedIn();
  const comeBack = async () => {
    const asked = requests.length;
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await expect.poll(() => requests.length).toBeGreaterThan(asked);
  };
  api[SESSION] = undefined;
  await comeBack();
  api[SESSION] = [403];
  await comeBack();
  await expectState(page, "Your session has ended");
  await page.getByLabel("Master token").fill("half a to");
  await comeBack();
  expect(await page.getByLabel("Master token").inputValue()).toBe("half a to");
  await expectState(page, "Your session has ended", "token");
});

test("a QR code is shown with its seconds, ends after a minute, and there is a new one", async () => {
  const { page, requests, open: go } = await open({ isIn: true });
  await page.clock.install();
  await go();
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
  await button(page, "Pair a phone").click();
  expect(await page.getByText("Scan this code").isVisible()).toBe(false);
});

test.for([
  ["http://localhost:8000", true],
  ["http://[::1]:8000", true],
  ["https://paw.example.com", false],
] as const)("at %s the page says that a phone cannot reach it: %s", async ([origin, says]) => {
  const { page } = await openLoggedIn({ origin });
  await button(page, "Pair a phone").click();
  await page.getByText("Scan this code").waitFor();
  expect(await page.getByText("A phone cannot reach").isVisible()).toBe(says);
});

test.for<[string, Answer, Answer, string, string]>([
  ["a regeneration has overtaken it", [409], [403], "Your session has ended", "Log in again"],
  ["the session ended", [403], [403], "Your session has ended", "Log in again"],
  ["the secrets cannot be read", [503], inFor(60), "You are logged in", "could not be made"],
  ["there is no network", undefined, undefined, "Something went wrong", NO_CONNECTION],
])("no QR code: the page says so when %s", async ([, picture, session, heading, message]) => {
  const { page, api } = await openLoggedIn();
  Object.assign(api, { "GET /api/qr": picture, [SESSION]: session });
  await button(page, "Pair a phone").click();
  await expectMessage(page, message);
  await expectState(page, heading);
});

test("a logout shows that this browser is out, and that an open chat goes on", async () => {
  const { page } = await openLoggedIn();
  await page.evaluate(() => localStorage.setItem("pocketpaw_token", "session:1:a"));
  await button(page, "Log out").click();
  await expectState(page, "You are logged out");
  await expectMessage(page, "goes on until its page is loaded again");
  expect(await page.evaluate(() => localStorage.length)).toBe(1);
  await submitToken(page, "a-token");
  await expectState(page, "You are logged in");
});

test.for(FAILURES)("a logout says so when %s", async ([, answer, message]) => {
  const { page, api } = await openLoggedIn();
  api["POST /api/auth/logout"] = answer;
  await button(page, "Log out").click();
  await expectMessage(page, message);
  await expectMessage(page, "You may still be logged in.");
});

test("the dashboard's stored token is removed once the browser is logged in", async () => {
  const fake = await open();
  await fake.open();
  await fake.page.evaluate(() => localStorage.setItem("pocketpaw_token", "session:1:a"));
  await submitToken(fake.page, "a-token");
  await expectState(fake.page, "You are logged in");
  expect(await fake.page.evaluate(() => localStorage.getItem("pocketpaw_token"))).toBeNull();
});

test.for([
  [
    "http://localhost:8000",
    true,
    "in the output of npm start and in PocketPaw's file ~/.pocketpaw/access_token.",
  ],
  ["https://paw.example.com", false, "in the master token's secret in AWS Secrets Manager."],
] as const)(
  "at %s, PocketPaw %s: replacing asks first, and says where the new token is",
  async ([origin, hasPocketPaw, place]) => {
    const { page, requests } = await openLoggedIn({ origin, hasPocketPaw });
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
  [
    "it was not stored",
    [500, { detail: "<b>put</b> it" }],
    inFor(60),
    "You are logged in",
    "<b>put</b> it",
  ],
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

test("without PocketPaw the page speaks neither of a dashboard nor of a chat", async () => {
  const { page } = await openLoggedIn({ hasPocketPaw: false });
  expect(await page.getByRole("link").count()).toBe(0);
  await button(page, "Replace the master token").click();
  expect(await page.getByRole("dialog").innerText()).not.toContain("chat");
  await button(page, "Cancel").click();
  await button(page, "Log out").click();
  await expectState(page, "You are logged out");
  expect(await page.locator("body").innerText()).not.toMatch(/chat|dashboard/i);
});

test("the keyboard alone is enough", async () => {
  const { page } = await openLoggedIn();
  const reached: string[] = [];
  for (const _ of [1, 2, 3, 4]) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement?.textContent ?? ""));
  }
  expect(reached).toEqual([
    "Open the dashboard",
    "Pair a phone",
    "Log out",
    "Replace the master token",
  ]);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  // The button that changes nothing comes first to hand.
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Cancel");
  await page.keyboard.press("Enter");
  await expectState(page, "You are logged in", "replace");
});
