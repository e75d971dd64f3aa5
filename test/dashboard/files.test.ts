import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "lean-qr";
import { toPngBuffer } from "lean-qr/extras/node_export";
import type { BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, inject, test } from "vitest";
import { useBrowser } from "./support/browser.ts";
import { logIn, openLoggedIn } from "./support/dashboard.ts";

const newContext = useBrowser();
const stack = inject("stack");

/** Sets a mark when it runs, and regenerates the master token. */
const SCRIPT =
  "<script>localStorage.setItem('ran','1');fetch('/api/token/regenerate',{method:'POST'})</script>";
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "report.pdf": pdfOf("Quarterly report"),
  "picture.png": toPngBuffer(generate("a picture")),
  "page.html": `<!doctype html><title>A page</title><h1>Written by the agent</h1>${SCRIPT}<img src=x onerror="localStorage.setItem('ran','1')">`,
  "drawing.svg": `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${SCRIPT}</svg>`,
  "page.xhtml": `<html xmlns="http://www.w3.org/1999/xhtml"><body>${SCRIPT.replaceAll("&", "&amp;")}</body></html>`,
  "feed.xml": `<feed><script xmlns="http://www.w3.org/1999/xhtml">localStorage.setItem('ran','1')</script></feed>`,
  "script.js": "localStorage.setItem('ran','1')",
  // Its responses would be pages of the gateway's origin without any policy.
  "worker.js": `self.addEventListener("fetch", (event) => event.respondWith(
    new Response("${SCRIPT}", { headers: { "content-type": "text/html" } })));`,
};

beforeAll(() => {
  for (const [name, content] of Object.entries(FILES))
    writeFileSync(join(stack.home, name), content);
});

test("the file viewer shows an image, a PDF, and an HTML file as text", async () => {
  const context = await newContext();
  const dashboard = await openLoggedIn(context, stack);
  const { page } = dashboard;
  const view = async (name: string) => {
    await page.goto(stack.url);
    await page.getByRole("button", { name: "Files", exact: true }).click();
    await page.getByText(name, { exact: true }).click();
  };
  await view("picture.png");
  const image = page.getByAltText("picture.png");
  await expect
    .poll(() => image.evaluate((element: HTMLImageElement) => element.naturalWidth))
    .toBeGreaterThan(0);
  await view("report.pdf");
  const viewer = page.getByTitle("PDF Viewer");
  // A frame that a policy refuses goes to chrome-error://.
  await expect
    .poll(async () => (await (await viewer.elementHandle())?.contentFrame())?.url())
    .toContain("/api/v1/files/content?path=report.pdf");
  await view("page.html");
  await page.getByText("Written by the agent").waitFor();
  await expectNothingRan(context, page);
  expect(dashboard.failures()).toEqual([]);
  await context.close();
});

test.for(["page.html", "drawing.svg", "page.xhtml", "feed.xml", "script.js"])(
  "no script of %s runs, opened as a page or in a frame",
  async (name) => {
    const context = await newContext();
    await logIn(context, stack.url, stack.masterToken);
    const page = await context.newPage();
    const content = `${stack.url}/api/v1/files/content?path=${name}`;
    const response = await page.goto(content);
    expect(response?.status()).toBe(200);
    expect(response?.headers()["content-security-policy"]).toContain("script-src 'none'");
    await expectNothingRan(context, page);

    await page.goto(stack.url);
    await page.evaluate(async (source) => {
      const frame = document.createElement("iframe");
      const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
      frame.src = source;
      document.body.append(frame);
      await loaded;
    }, content);
    await expectNothingRan(context, page);
    await context.close();
  },
);

test("no file becomes a service worker, whose responses would have no policy", async () => {
  const context = await newContext();
  const { page } = await openLoggedIn(context, stack);
  const register = (scope: string) =>
    page.evaluate(
      (options) =>
        navigator.serviceWorker.register("/api/v1/files/content?path=worker.js", options).then(
          () => "registered",
          (error: Error) => error.name,
        ),
      { scope },
    );
  for (const scope of ["/api/v1/files/", "/api/v1/files/content", "/api/", "/"]) {
    expect(await register(scope), scope).toBe("SecurityError");
  }
  await page.goto(`${stack.url}/api/v1/files/content?path=report.pdf`);
  await expectNothingRan(context, page);
  await context.close();
});

/** Expects that the scripts above have left no trace: no mark, and the token is what it was. */
async function expectNothingRan(context: BrowserContext, page: Page): Promise<void> {
  expect(await page.evaluate(() => localStorage.getItem("ran"))).toBeNull();
  await logIn(context, stack.url, stack.masterToken);
}

/** A PDF of one page with one line of text. */
function pdfOf(text: string): string {
  const stream = `BT /F1 24 Tf 72 720 Td (${text}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let pdf = "%PDF-1.4\n";
  const offsets = objects.map((object, index) => {
    const offset = pdf.length;
    pdf += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const size = objects.length + 1;
  return `${pdf}xref\n0 ${size}\n0000000000 65535 f \n${offsets.join("")}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${pdf.length}\n%%EOF\n`;
}
