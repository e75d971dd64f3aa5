import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page, Request, WebSocket } from "playwright-core";
import { expect } from "vitest";
import { normalizeRequest } from "./requested-urls.ts";

/** How long a page may take on a busy machine: the same as the browser contexts' own limit. */
const PAGE_LIMIT = { timeout: 60_000 };
const ARTEFACTS = join(import.meta.dirname, "..", "artefacts");

/** A message of PocketPaw's WebSocket. */
export interface Frame {
  readonly type?: string;
  readonly content?: unknown;
}

/** A page that shows the dashboard, and what it has done since its last navigation. */
export interface Dashboard {
  readonly page: Page;
  /** What the open WebSocket has received. Empty while there is none. */
  readonly frames: () => readonly Frame[];
  /** Requests that failed or got a status of 400 or more: `<status or error> <method> <URL>`. */
  readonly failures: () => readonly string[];
  /** All requests of this page to the gateway, ever, as the list of requested URLs has them. */
  readonly requested: () => readonly string[];
}

interface Socket {
  readonly frames: Frame[];
  open: boolean;
}

/** Opens a page and starts to watch it, before it is sent anywhere. */
export async function newDashboard(context: BrowserContext, origin: string): Promise<Dashboard> {
  const page = await context.newPage();
  const requested = new Set<string>();
  let sockets: Socket[] = [];
  let failures: string[] = [];
  // A response to a page that has been left may still arrive.
  let current = new WeakSet<Request>();
  page.on("request", (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) {
      sockets = [];
      failures = [];
      current = new WeakSet();
    }
    current.add(request);
    if (request.url().startsWith(`${origin}/`))
      requested.add(normalizeRequest(request.method(), request.url()));
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && current.has(response.request()))
      failures.push(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    const { errorText = "" } = request.failure() ?? {};
    // A page that is left gives up what it was loading.
    if (errorText !== "net::ERR_ABORTED" && current.has(request))
      failures.push(`${errorText} ${request.method()} ${request.url()}`);
  });
  page.on("websocket", (webSocket) => {
    requested.add(normalizeRequest("GET", webSocket.url()));
    sockets.push(watchSocket(webSocket));
  });
  page.on("dialog", (dialog) => dialog.accept());
  return {
    page,
    frames: () => sockets.find((socket) => socket.open)?.frames ?? [],
    failures: () => failures,
    requested: () => [...requested].sort(),
  };
}

function watchSocket(webSocket: WebSocket): Socket {
  const socket: Socket = { frames: [], open: true };
  webSocket.on("framereceived", ({ payload }) => {
    socket.frames.push(JSON.parse(payload.toString()));
  });
  webSocket.on("socketerror", () => {
    socket.open = false;
  });
  webSocket.on("close", () => {
    socket.open = false;
  });
  return socket;
}

/** Sets the session cookie in a context, as the dashboard's own login does. */
export async function logIn(context: BrowserContext, url: string, token: string): Promise<void> {
  const response = await context.request.post(`${url}/api/auth/login`, { data: { token } });
  expect(response.status(), "the status of the login").toBe(200);
}

/** A page of a context that has just logged in, with its chat connected. */
export async function openLoggedIn(
  context: BrowserContext,
  { url, masterToken }: { readonly url: string; readonly masterToken: string },
): Promise<Dashboard> {
  await logIn(context, url, masterToken);
  const dashboard = await newDashboard(context, url);
  await dashboard.page.goto(url);
  await expectChat(dashboard);
  return dashboard;
}

/** Waits until the page has loaded and its chat is connected, and expects that nothing asks for a login. */
export async function expectChat(dashboard: Dashboard): Promise<void> {
  await expectFrame(dashboard, (frame) => frame.type === "connection_info");
  await loaded(dashboard.page);
  expect(await loginForm(dashboard.page).isVisible(), "a login form").toBe(false);
}

/** Waits for a message over the open WebSocket. */
async function expectFrame(dashboard: Dashboard, isIt: (frame: Frame) => boolean): Promise<void> {
  await expect.poll(() => dashboard.frames().some(isIt), PAGE_LIMIT).toBe(true);
}

/** Sends a chat message, and waits for the whole reply. */
export async function chat(dashboard: Dashboard, message: string): Promise<void> {
  const field = dashboard.page.getByPlaceholder("Type a message...");
  await field.fill(message);
  await field.press("Enter");
  // Without a model's API key it is an error; it comes from PocketPaw's agent all the same.
  await expectFrame(dashboard, ({ type = "" }) =>
    ["stream_start", "message", "error"].includes(type),
  );
  await expectFrame(dashboard, ({ type }) => type === "stream_end");
}

/** Waits until the dashboard asks for the access token. */
export async function expectLoginForm(page: Page): Promise<void> {
  await loginForm(page).waitFor();
}

/** Waits until the dashboard's preloader has gone. */
export async function loaded(page: Page): Promise<void> {
  await page.locator("#preloader").waitFor({ state: "detached" });
}

/** The field of the login form. */
export function loginForm(page: Page) {
  return page.getByPlaceholder("Paste access token...");
}

/** Opens the dialog with the QR code. */
export async function openRemoteAccess(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Take Your Paw With You" }).click();
  await qrCode(page).waitFor();
}

/** The QR code that the dialog shows. */
export function qrCode(page: Page) {
  return page.getByAltText("Scan to Login");
}

/** Keeps a picture of the page, in a folder that is not committed. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`) });
}
