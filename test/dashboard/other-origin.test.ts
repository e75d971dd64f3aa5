import { createServer } from "node:http";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Listening, listenOnLoopback } from "../support/loopback.ts";
import { useBrowser } from "./support/browser.ts";
import { logIn } from "./support/dashboard.ts";

// The same site as the gateway, so that a Lax cookie travels, and another origin.
const newContext = useBrowser();
const stack = inject("stack");
let server: Listening;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  server = await listenOnLoopback(
    createServer((_request, response) => {
      response.setHeader("content-type", "text/html").end("<!doctype html><title>Evil</title>");
    }),
  );
});
afterAll(() => server.close());
beforeEach(async () => {
  context = await newContext();
  await logIn(context, stack.url, stack.masterToken);
  page = await context.newPage();
  await page.goto(`http://localhost:${server.port}`);
});
afterEach(() => context.close());

test("a page of another port travels with the cookie", async () => {
  // A navigation is what it may do: the browser sends the cookie, and the page cannot see the response.
  const popup = page.waitForEvent("popup");
  await page.evaluate((url) => void window.open(url), `${stack.url}/api/auth/session`);
  const opened = await popup;
  await opened.waitForLoadState();
  expect(JSON.parse((await opened.textContent("body")) ?? "")).toMatchObject({
    authenticated: true,
  });
});

test.for(["/ws", "/v1/ws", "/api/v1/ws"])(
  "a page of another port cannot open the WebSocket %s",
  async (path) => {
    const event = await page.evaluate(
      (url) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => resolve("open");
          socket.onclose = ({ code }) => resolve(`close ${code}`);
        }),
      `${stack.url.replace("http:", "ws:")}${path}`,
    );
    expect(event).toBe("close 1006");
  },
);

test.for([
  "/api/token/regenerate",
  "/api/v1/token/regenerate",
  "/api/auth/logout",
  "/api/v1/auth/logout",
])("a page of another port cannot post to %s with the cookie", async (path) => {
  const answered = page.waitForResponse(`${stack.url}${path}`);
  await page.evaluate(
    (url) => fetch(url, { method: "POST", mode: "no-cors", credentials: "include" }),
    `${stack.url}${path}`,
  );
  expect((await answered).status()).toBe(403);

  const submitted = page.waitForResponse(`${stack.url}${path}`);
  await page.evaluate((url) => {
    const form = document.createElement("form");
    Object.assign(form, { action: url, method: "POST" });
    document.body.append(form);
    form.submit();
  }, `${stack.url}${path}`);
  expect((await submitted).status()).toBe(403);

  // Still in, and the token is what it was.
  expect((await context.request.get(`${stack.url}/api/auth/session`)).status()).toBe(200);
  await logIn(context, stack.url, stack.masterToken);
});

test("a page of another port cannot log the browser in", async () => {
  const path = `${stack.url}/api/auth/login`;
  const answered = page.waitForResponse(path);
  await page.evaluate(
    ([url, token]) =>
      fetch(url ?? "", {
        method: "POST",
        mode: "no-cors",
        credentials: "include",
        // A JSON object with a content type that needs no preflight.
        body: JSON.stringify({ token }),
      }),
    [path, stack.masterToken],
  );
  const response = await answered;
  expect(response.status()).toBe(403);
  expect(response.headers()["set-cookie"]).toBeUndefined();
});

test.for(["/api/auth/session", "/api/qr", "/api/channels/status", "/api/identity", "/"])(
  "a page of another port cannot read %s",
  async (path) => {
    const read = await page.evaluate(
      (url) =>
        fetch(url, { credentials: "include" }).then(
          (response) => response.text(),
          (error: Error) => error.name,
        ),
      `${stack.url}${path}`,
    );
    expect(read).toBe("TypeError");
  },
);

test("a sandboxed frame, whose origin is null, can neither open the WebSocket nor post", async () => {
  const attempts = await page.evaluate(
    (url) =>
      new Promise<unknown>((resolve) => {
        window.addEventListener("message", ({ data }) => resolve(data));
        const frame = document.createElement("iframe");
        frame.setAttribute("sandbox", "allow-scripts");
        frame.srcdoc = `<script>
          const socket = new Promise((resolve) => {
            const it = new WebSocket("${url.replace("http:", "ws:")}/ws");
            it.onopen = () => resolve("open");
            it.onclose = ({ code }) => resolve("close " + code);
          });
          const post = fetch("${url}/api/token/regenerate", { method: "POST", credentials: "include" })
            .then((response) => response.text(), (error) => error.name);
          Promise.all([socket, post]).then((results) => parent.postMessage(results, "*"));
        </script>`;
        document.body.append(frame);
      }),
    stack.url,
  );
  expect(attempts).toEqual(["close 1006", "TypeError"]);
  await logIn(context, stack.url, stack.masterToken);
});

test("a page of another port cannot show the QR code, nor the dashboard in a frame", async () => {
  const image = await page.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const element = new Image();
        element.onload = () => resolve("load");
        element.onerror = () => resolve("error");
        element.src = url;
      }),
    `${stack.url}/api/qr`,
  );
  expect(image).toBe("error");

  await page.evaluate((url) => {
    const frame = document.createElement("iframe");
    frame.src = url;
    document.body.append(frame);
  }, stack.url);
  const frame = page.frames().find((candidate) => candidate !== page.mainFrame());
  await expect.poll(() => frame?.url()).toContain("chrome-error:");
});
