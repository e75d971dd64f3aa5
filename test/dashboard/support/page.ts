import { generate } from "lean-qr";
import { toPngBuffer } from "lean-qr/extras/node_export";
import type { BrowserContext, Page, Route } from "playwright-core";
import { expect } from "vitest";
import { createPage } from "../../../lib/functions/page.ts";

/** A response of the API: a status, a body as JSON, headers. Undefined: none, the connection fails. */
export type Answer = readonly [number, unknown?, Record<string, string>?] | undefined;

export interface FakeOptions {
  readonly hasPocketPaw?: boolean;
  /** Where the page is: the loopback host by default. */
  readonly origin?: string;
  /** Whether the browser is logged in already. */
  readonly isIn?: boolean;
  /** Whether the browser keeps a cookie, as it does by default. */
  readonly keepsCookie?: boolean;
}

const DAY_SECONDS = 86_400;
const OUT: Answer = [403, { message: "Forbidden" }];
const QR_CODE = toPngBuffer(generate("http://localhost:8000/gateway#pair:1:2:3"), { scale: 8 });
/** The response to a browser that is logged in. */
export function inFor(seconds: number, now = Date.now()): Answer {
  const expires_at = Math.floor(now / 1000) + seconds;
  return [200, { authenticated: true, method: "session", expires_at, expires_in_seconds: seconds }];
}

/**
 * Opens the gateway's page, with its real headers, over an API that answers as the test says: by
 * `METHOD path`. A login, a logout or a regeneration that succeeds changes what the session's route says.
 */
export async function openFake(context: BrowserContext, options: FakeOptions = {}) {
  const {
    hasPocketPaw = true,
    origin = "http://localhost:8000",
    isIn = false,
    keepsCookie = true,
  } = options;
  const { headers, body } = await createPage({ hasPocketPaw })();
  const api: Record<string, Answer> = {
    "GET /api/auth/session": isIn ? inFor(DAY_SECONDS) : OUT,
    "POST /api/auth/login": [200, { ok: true }],
    "POST /api/auth/logout": [200, { ok: true }],
    "POST /api/token/regenerate": [200, { token: "session:9:f" }],
    "GET /api/qr": [200],
  };
  /** All that was requested of this origin: `METHOD path body`. */
  const requests: string[] = [];
  const answer = async (route: Route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    const key = `${request.method()} ${pathname}`;
    requests.push(`${key} ${request.postData() ?? ""}`.trim());
    if (pathname === "/gateway") return await route.fulfill({ headers, body });
    if (pathname === "/") return await route.fulfill({ contentType: "text/html", body: "Chat" });
    if (!(key in api)) return await route.fulfill({ status: 404 });
    const found = api[key];
    if (found === undefined) return await route.abort();
    const [status, json, more] = found;
    if (status === 200 && pathname === "/api/auth/login" && keepsCookie)
      api["GET /api/auth/session"] = inFor(DAY_SECONDS);
    if (status === 200 && pathname === "/api/auth/logout") api["GET /api/auth/session"] = OUT;
    const isPicture = key === "GET /api/qr" && status === 200;
    const content = isPicture
      ? { body: Buffer.from(QR_CODE) }
      : { body: JSON.stringify(json ?? {}) };
    const contentType = isPicture ? "image/png" : "application/json";
    return await route.fulfill({
      status,
      headers: { "content-type": contentType, ...more },
      ...content,
    });
  };
  await context.route(`${origin}/**`, answer);
  const page = await context.newPage();
  const goto = async (fragment = "") => await page.goto(`${origin}/gateway${fragment}`);
  return { page, api, requests, goto, url: `${origin}/gateway` };
}

/** Waits until the page shows a heading, and expects that the keyboard is where it should be. */
export async function expectState(page: Page, heading: string, focus = "title"): Promise<void> {
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe(focus);
}

/** Waits until the live region says this. */
export async function expectMessage(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole("status").filter({ hasText: text }).waitFor();
}

/** Logs in by the form, with Enter. */
export async function submitToken(page: Page, token: string): Promise<void> {
  await page.getByLabel("Master token").fill(token);
  await page.getByLabel("Master token").press("Enter");
}

/** A button of the page. */
export function button(page: Page, name: string) {
  return page.getByRole("button", { name, exact: true });
}

/** The addresses that a tab's history holds, one a line. */
export async function addresses(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  return entries.map(({ url }) => url).join("\n");
}
