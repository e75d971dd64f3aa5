import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Listening, listenOnLoopback } from "../support/loopback.ts";
import { useBrowser } from "./support/browser.ts";
import { logIn } from "./support/dashboard.ts";

// The same site as the gateway, so that a Lax cookie travels, and another origin.
const newContext = useBrowser();
const stack = inject("stack");
/** Cookies of localhost are shared by all its ports. */
const ADDED_COOKIES = ["/ws", "/api"].map((path) => `pocketpaw_session=pp_added; Path=${path}`);
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
let server: Listening;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  server = await listenOnLoopback(
    createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://localhost");
      const to = searchParams.get("to");
      if (to !== null) {
        response.writeHead(307, { location: to }).end();
        return;
      }
      if (searchParams.has("cookies")) response.setHeader("set-cookie", ADDED_COOKIES);
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
    expect(await openSocket(page, path)).toBe("close 1006");
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

test("a page of another port gets no file of PocketPaw's as a script, an image or a style sheet", async () => {
  const files = { "secrets.js": "window.secret = 1", "secrets.css": "body { top: 1px }" };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(stack.home, name), content);
  writeFileSync(join(stack.home, "secret.png"), PIXEL);
  const load = (tag: string, name: string) =>
    page.evaluate(
      ([element, url]) =>
        new Promise<string>((resolve) => {
          const loaded = document.createElement(element);
          Object.assign(loaded, { rel: "stylesheet", href: url, src: url });
          loaded.onload = () => resolve("load");
          loaded.onerror = () => resolve("error");
          document.head.append(loaded);
        }),
      [tag, `${stack.url}/api/v1/files/content?path=${name}`] as const,
    );
  for (const [tag, name] of [
    ["script", "secrets.js"],
    ["link", "secrets.css"],
    ["img", "secret.png"],
  ] as const) {
    const file = await context.request.get(`${stack.url}/api/v1/files/content?path=${name}`);
    expect(file.status(), name).toBe(200);
    expect(await load(tag, name), name).toBe("error");
  }
});

test("no GET of a page of another port changes anything, prefetched or loaded as an image", async () => {
  const paths = [
    "/api/token/regenerate",
    "/api/auth/logout",
    "/api/auth/session",
    "/api/auth/login",
  ];
  await page.evaluate(
    (urls) =>
      Promise.all(
        urls.flatMap((url) =>
          ["link", "img"].map(
            (tag) =>
              new Promise<void>((resolve) => {
                const element = document.createElement(tag);
                element.onload = () => resolve();
                element.onerror = () => resolve();
                Object.assign(element, { rel: "prefetch", href: url, src: url });
                document.head.append(element);
              }),
          ),
        ),
      ),
    paths.map((path) => `${stack.url}${path}`),
  );
  expect((await context.request.get(`${stack.url}/api/auth/session`)).status()).toBe(200);
  await logIn(context, stack.url, stack.masterToken);
});

test.for(["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"])(
  "a form of another port cannot post %s to PocketPaw's API, nor by way of a redirect",
  async (enctype) => {
    const path = `${stack.url}/api/memory/settings`;
    for (const action of [
      path,
      `http://localhost:${server.port}/?to=${encodeURIComponent(path)}`,
    ]) {
      const attacking = await context.newPage();
      await attacking.goto(`http://localhost:${server.port}`);
      const submitted = attacking.waitForResponse(path);
      await attacking.evaluate(
        ([url, type]) => {
          const form = document.createElement("form");
          Object.assign(form, { action: url, method: "POST", enctype: type });
          const field = document.createElement("input");
          Object.assign(field, { name: '{"memory_backend":"file","ignored":"', value: '"}' });
          form.append(field);
          document.body.append(form);
          form.submit();
        },
        [action, enctype] as const,
      );
      expect((await submitted).status(), action).toBe(403);
    }
  },
);

test("cookies that another port adds neither end the session of the API nor open the chat", async () => {
  await page.goto(`http://localhost:${server.port}/?cookies`);
  const names = (await context.cookies(`${stack.url}/api/x`)).map(({ name }) => name);
  expect(names).toEqual(["pocketpaw_session", "pocketpaw_session"]);
  const request = await page.context().newPage();
  const response = await request.goto(`${stack.url}/api/auth/session`);
  expect(response?.status()).toBe(200);
  // Which of two cookies is meant, nobody can tell.
  await request.goto(stack.url);
  expect(await openSocket(request, "/ws")).toBe("close 1006");
  // Without the added one the chat is back.
  await context.clearCookies({ path: "/ws" });
  expect(await openSocket(request, "/ws")).toBe("open");
});

test("a page of another port that opened the dashboard cannot reach into it", async () => {
  const popup = page.waitForEvent("popup");
  const attempts = await page.evaluate(async (url) => {
    const opened = window.open(url);
    await new Promise((resolve) => setTimeout(resolve, 0));
    const tries = [
      () => opened?.document.title,
      () => opened?.localStorage.length,
      () => opened?.location.href,
    ];
    for (let deadline = Date.now() + 30_000; Date.now() < deadline; ) {
      try {
        // about:blank at first, which is this page's own.
        opened?.document.title;
        await new Promise((resolve) => setTimeout(resolve, 100));
      } catch {
        break;
      }
    }
    return tries.map((attempt) => {
      try {
        return String(attempt());
      } catch (error) {
        return (error as Error).name;
      }
    });
  }, stack.url);
  expect(attempts).toEqual(["SecurityError", "SecurityError", "SecurityError"]);
  await (await popup).close();
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

/** Tries to open a WebSocket of the gateway in a page. */
function openSocket(from: Page, path: string): Promise<string> {
  return from.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url);
        socket.onopen = () => resolve("open");
        socket.onclose = ({ code }) => resolve(`close ${code}`);
      }),
    `${stack.url.replace("http:", "ws:")}${path}`,
  );
}
