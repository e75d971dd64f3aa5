import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { generate } from "lean-qr";
import { toPngBuffer } from "lean-qr/extras/node_export";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { type Listening, listenOnLoopback } from "../support/loopback.ts";
import { useBrowser } from "./support/browser.ts";
import { logIn } from "./support/dashboard.ts";
import { expectMessage } from "./support/page.ts";

// The same site as the gateway, so that a Strict cookie travels, and another origin.
const newContext = useBrowser();
const stack = inject("stack");
/** Cookies of localhost are shared by all its ports. */
const ADDED_COOKIES = [
  "pocketpaw_session=pp_added; Path=/ws",
  `pocketpaw_gateway_session=session:9999999999:${"0".repeat(64)}; Path=/ws`,
  "pocketpaw_gateway_session=pp_added; Path=/api",
];
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

test.for(["/ws", "/v1/ws", "/api/v1/ws"])(
  "a page of another port cannot open the WebSocket %s",
  async (path) => {
    expect(await openSocket(page, path)).toBe("close 1006");
  },
);

test.for([
  "/api/token/regenerate",
  "/api/v1/token/regenerate",
  "/api/auth/login",
  "/api/auth/logout",
  "/api/v1/auth/logout",
  "/api/memory/settings",
  "/api/v1/chat",
])(
  "a page of another port cannot post to %s, by script, by form, nor by a redirect",
  async (path) => {
    const url = `${stack.url}${path}`;
    const refused = async (send: (attacking: Page) => Promise<unknown>) => {
      const attacking = await context.newPage();
      await attacking.goto(`http://localhost:${server.port}`);
      const answered = attacking.waitForResponse(url);
      await send(attacking);
      const response = await answered;
      expect([response.status(), response.headers()["set-cookie"]]).toEqual([403, undefined]);
    };
    await refused((attacking) =>
      attacking.evaluate(
        // A JSON object with a content type that needs no preflight.
        ([target = "", body = ""]) =>
          void fetch(target, { method: "POST", mode: "no-cors", credentials: "include", body }),
        [url, JSON.stringify({ token: stack.masterToken })],
      ),
    );
    for (const action of [url, `http://localhost:${server.port}/?to=${encodeURIComponent(url)}`]) {
      for (const enctype of ["text/plain", "application/x-www-form-urlencoded"]) {
        await refused((attacking) =>
          attacking.evaluate(
            (properties) => {
              const form = document.createElement("form");
              const [name, value] = ['{"memory_backend":"file","ignored":"', '"}'];
              form.append(Object.assign(document.createElement("input"), { name, value }));
              document.body.append(Object.assign(form, properties));
              form.submit();
            },
            { action, enctype, method: "POST" },
          ),
        );
      }
    }
    // Still in, and the token is what it was.
    expect((await context.request.get(`${stack.url}/api/auth/session`)).status()).toBe(200);
    await logIn(context, stack.url, stack.masterToken);
  },
);

test("a page of another port travels with the cookie, and cannot read what it leads to", async () => {
  const popup = page.waitForEvent("popup");
  await page.evaluate((url) => void window.open(url), `${stack.url}/api/auth/session`);
  await (await popup).getByText('"authenticated":true').waitFor();
  for (const path of [
    "/api/auth/session",
    "/api/qr",
    "/api/identity",
    "/api/v1/files/browse",
    "/",
    "/gateway",
  ]) {
    const read = (url: string) =>
      fetch(url, { credentials: "include" }).then(String, (error: Error) => error.name);
    expect(await page.evaluate(read, `${stack.url}${path}`), path).toBe("TypeError");
  }
});

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

test("a page of another port gets no file as a script, a style sheet or an image, nor the QR code, nor a frame", async () => {
  writeFileSync(join(stack.home, "secrets.js"), "window.secret = 1");
  writeFileSync(join(stack.home, "secrets.css"), "body { top: 1px }");
  writeFileSync(join(stack.home, "secret.png"), toPngBuffer(generate("a picture")));
  const file = (name: string) => `/api/v1/files/content?path=${name}`;
  for (const [tag, path] of [
    ["script", file("secrets.js")],
    ["link", file("secrets.css")],
    ["img", file("secret.png")],
    ["img", "/api/qr"],
  ] as const) {
    expect((await context.request.get(`${stack.url}${path}`)).status(), path).toBe(200);
    const loaded = await page.evaluate(
      ([element, url]) =>
        new Promise<string>((resolve) => {
          const properties = { rel: "stylesheet", href: url, src: url };
          const loading = Object.assign(document.createElement(element), properties);
          loading.onload = () => resolve("load");
          loading.onerror = () => resolve("error");
          document.head.append(loading);
        }),
      [tag, `${stack.url}${path}`] as const,
    );
    expect(loaded, path).toBe("error");
  }
  for (const [at, path] of ["/", "/gateway"].entries()) {
    await page.evaluate((src) => {
      document.body.append(Object.assign(document.createElement("iframe"), { src }));
    }, stack.url + path);
    await expect.poll(() => page.frames()[at + 1]?.url()).toContain("chrome-error:");
  }
});

test("a page of another port cannot reach into the gateway's page that it has opened", async () => {
  const popup = page.waitForEvent("popup");
  await page.evaluate((address) => {
    Object.assign(window, { opened: window.open(`${address}#stolen`) });
  }, `${stack.url}/gateway`);
  await expectMessage(await popup, "This link or QR code does not log in");
  // It is in a group of its own: for its opener it is closed, and cannot be sent to another fragment.
  expect(await page.evaluate("opened.closed")).toBe(true);
});

test("cookies that another port adds end neither the session of the API nor the chat", async () => {
  await page.goto(`http://localhost:${server.port}/?cookies`);
  expect(await context.cookies(`${stack.url}/ws`)).toHaveLength(3);
  const own = await context.newPage();
  expect((await own.goto(`${stack.url}/api/auth/session`))?.status()).toBe(200);
  await own.goto(stack.url);
  expect(await openSocket(own, "/ws")).toBe("open");
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
