import { expect, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import { addresses, button, expectMessage, expectState, openFake } from "./support/page.ts";

// What somebody could do who had found a way to write into the page: nothing.
const newContext = useBrowser();
const ORIGIN = "http://localhost:8000";

test.for<[string, string]>([
  ["a script in the page", "script-src-elem"],
  ["a script of the gateway's own origin, as PocketPaw's", "script-src-elem"],
  ["a handler in an attribute", "script-src-attr"],
  ["a javascript: link", "script-src-elem"],
  ["code in a string", "script-src"],
  ["a style", "style-src-elem"],
  ["an image of another host", "img-src"],
  ["a request to another host", "connect-src"],
  ["a form to another host", "form-action"],
  ["a frame", "frame-src"],
  ["another base for its links", "base-uri"],
])("the policy stops %s", async ([attack, directive]) => {
  const context = await newContext();
  const { page, goto, requests } = await openFake(context);
  await goto();
  await expectState(page, "Log in", "token");
  const before = requests.length;
  const violated = await page.evaluate(
    (name) =>
      new Promise<string>((resolve) => {
        document.addEventListener("securitypolicyviolation", (event) =>
          resolve(event.effectiveDirective),
        );
        const mark = "localStorage.setItem('ran','1')";
        const add = (tag: string, properties: object, attributes: Record<string, string> = {}) => {
          const element = Object.assign(document.createElement(tag), properties);
          for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
          document.body.append(element);
          return element;
        };
        const attacks: Record<string, () => unknown> = {
          "a script in the page": () => add("script", { textContent: mark }),
          "a script of the gateway's own origin, as PocketPaw's": () =>
            add("script", { src: "/static/app.js" }),
          "a handler in an attribute": () => add("b", {}, { onclick: mark }).click(),
          "a javascript: link": () => add("a", { href: `javascript:${mark}` }).click(),
          "code in a string": () => setTimeout(mark),
          "a style": () => add("style", { textContent: "input { color: red }" }),
          "an image of another host": () => add("img", { src: "https://evil.example/?stolen" }),
          "a request to another host": () => fetch("https://evil.example/").catch(() => {}),
          "a form to another host": () =>
            (add("form", { action: "https://evil.example/" }) as HTMLFormElement).submit(),
          "a frame": () => add("iframe", { src: "/" }),
          "another base for its links": () => add("base", { href: "https://evil.example/" }),
        };
        attacks[name]?.();
      }),
    attack,
  );
  expect(violated).toBe(directive);
  expect(await page.evaluate(() => localStorage.getItem("ran"))).toBeNull();
  expect(requests.slice(before)).toEqual([]);
  expect(page.url()).toBe(`${ORIGIN}/gateway`);
});

test("responses are shown as text, whatever is in them, and odd ones are no session", async () => {
  const { page, api, goto } = await openFake(await newContext(), { isIn: true });
  await goto();
  await expectState(page, "You are logged in");
  const detail = `<img src=x onerror="localStorage.setItem('ran','1')">`;
  api["POST /api/token/regenerate"] = [502, { detail }];
  await button(page, "Replace the master token").click();
  await button(page, "Replace it").click();
  await expectMessage(page, detail);
  for (const odd of [null, "in", [], { authenticated: true, expires_in_seconds: "<b>" }]) {
    api["GET /api/auth/session"] = [200, odd];
    await page.reload();
    await expectState(page, "Something went wrong");
  }
  expect(await page.evaluate(() => localStorage.getItem("ran"))).toBeNull();
});

test("what is no token in the fragment, and any query, is gone and runs nowhere; the session stays", async () => {
  const { page, api, goto, requests } = await openFake(await newContext(), { isIn: true });
  api["POST /api/auth/login"] = [401, { detail: "Invalid access token" }];
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
    await goto(`?x=<script>localStorage.setItem('ran','1')</script>#${fragment}`);
    await expectMessage(page, "This link or QR code does not log in");
    await expectState(page, "You are logged in");
    expect(page.url()).toBe(`${ORIGIN}/gateway`);
    expect(await addresses(page)).not.toContain("#");
  }
  expect(await page.evaluate(() => localStorage.getItem("ran"))).toBeNull();
  expect(requests.join("\n")).not.toContain("/api/auth/logout");
});
