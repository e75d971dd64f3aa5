import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
} from "playwright-core";
import { afterAll, beforeAll, inject } from "vitest";
import { serveCdn } from "./cdn.ts";

/** As a machine without a network and without a sandbox of its own needs it. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A phone's screen. */
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Makes a browser context, with cookies and storage of its own. */
export type NewContext = (options?: BrowserContextOptions) => Promise<BrowserContext>;

/** Starts a Chromium for the tests of one file, and ends it after them. */
export function useBrowser(): NewContext {
  let browser: Promise<Browser>;
  beforeAll(async () => {
    browser = chromium.launch({ executablePath: inject("chromium"), args: FLAGS });
    await browser;
  });
  afterAll(async () => {
    await (await browser).close();
  });
  return async (options) => {
    const viewport = { width: 1440, height: 900 };
    const context = await (await browser).newContext({ viewport, ...options });
    context.setDefaultTimeout(60_000);
    await serveCdn(context);
    // As after "Skip setup": the dialog of a first visit covers the page.
    await context.addInitScript(() => localStorage.setItem("pocketpaw_setup_dismissed", "true"));
    return context;
  };
}
