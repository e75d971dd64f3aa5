import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { pocketPawWarning, probePocketPaw } from "../../local/pocketpaw.ts";
import { listenOnLoopback } from "../support/loopback.ts";

const URL_OF = "http://127.0.0.1:8888";

test("the probe shows a PocketPaw token of a minute, never the master token", async () => {
  const seen: string[] = [];
  const { url, close } = await listenOnLoopback(
    createServer((request, response) => {
      seen.push(request.url ?? "", ...request.rawHeaders);
      response.writeHead(200).end();
    }),
  );
  onTestFinished(close);
  expect(await probePocketPaw(new URL(url), "the-master-token")).toBe(200);
  expect(seen).toContain("/api/health");
  expect(seen).toContain("x-forwarded-for");
  expect(seen.join("\n")).not.toContain("the-master-token");
  const [, exp = "", mac] = /pocketpaw_session=(\d+):(\S+)/.exec(seen.join("\n")) ?? [];
  expect(mac).toBe(createHmac("sha256", "the-master-token").update(exp).digest("hex"));
  expect(Number(exp) - Date.now() / 1000).toBeLessThanOrEqual(60);
});

test("a PocketPaw that does not respond has no status", async () => {
  const { url, close } = await listenOnLoopback(createServer());
  await close();
  expect(await probePocketPaw(new URL(url), "token")).toBeUndefined();
});

test.each<[number | undefined, string?]>([
  [200],
  [undefined, `the PocketPaw at ${URL_OF} does not respond`],
  [401, `the PocketPaw at ${URL_OF} does not accept the master token in use`],
  [302, `the server at ${URL_OF} responds with status 302`],
  [404, `the server at ${URL_OF} responds with status 404`],
])("startup warns of the status %s: %s", (status, warning) => {
  expect(pocketPawWarning(URL_OF, status)).toEqual(warning && expect.stringContaining(warning));
});
