import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { afterAll, beforeEach, expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { gatherPrinted } from "../support/printed.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";
import { startGateway } from "./gateway.ts";

const CERTIFICATE = join(import.meta.dirname, "paw.example.com.pem");
const pem = readFileSync(CERTIFICATE);

/** What the proxy and the server with TLS have been asked. */
let asked: unknown[] = [];
beforeEach(() => {
  asked = [];
});
const withTls = createTlsServer({ key: pem, cert: pem }, ({ url }, response) => {
  asked.push(url);
  response.writeHead(404).end();
});
const withConnect = createServer((request) => void asked.push(request.url));
withConnect.on("connect", ({ url, headers }, socket) => {
  asked.push(url, headers["proxy-authorization"]);
  socket.write("HTTP/1.1 200 OK\r\n\r\n");
  pipeline(socket, connect(tls.port, "127.0.0.1"), socket, () => socket.destroy());
});
const tls = await listenOnLoopback(withTls);
const proxy = await listenOnLoopback(withConnect);
const gateway = await startGateway();
afterAll(() => Promise.all([tls.close(), proxy.close(), gateway.close()]));

/** Runs the command as npm does, without a terminal. It prints no master token. */
async function smoke(url: string, environment: NodeJS.ProcessEnv = {}, ...options: string[]) {
  const args = ["--import", "tsx", "smoke/main.ts", url, ...options];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, POCKETPAW_ACCESS_TOKEN: MASTER_TOKEN, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = gatherPrinted(child);
  const [code] = await once(child, "close");
  expect(printed()).not.toContain(MASTER_TOKEN);
  return [code, printed()];
}

test("--help prints the usage, with the token's variable and the exit codes", async () => {
  const usage = /^Usage: npm run smoke -- <URL>.*POCKETPAW_ACCESS_TOKEN.*0 every.* 1 some.* 2 /s;
  expect(await smoke("--help")).toEqual([0, expect.stringMatching(usage)]);
});

test("a run prints a row for each check, exits with 0 when all hold, and asks no proxy for this machine", async () => {
  const proxies = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NODE_USE_ENV_PROXY: "1" };
  const [code, printed] = await smoke(gateway.url.origin, proxies);
  expect([code, printed]).toEqual([0, expect.stringContaining("0 do not hold, 1 are not")]);
  expect(printed).toMatch(/^holds +websocket +the gateway's own page opens /m);
  expect(printed).toMatch(/^not applicable +regeneration .*only with --regenerate/m);
  expect(asked).toEqual([]);
});

test("a run exits with 1 when a row does not hold, and says what was found and what to do", async () => {
  const other = await startGateway();
  await other.pocketPaw.close();
  const [code, printed] = await smoke(other.url.origin, {}, "--regenerate");
  await other.close();
  expect([code, printed]).toEqual([1, expect.stringMatching(/^--regenerate: this run replaces /)]);
  expect(printed).toMatch(
    /^DOES NOT HOLD +page .*\n +found: GET \/: 503, not 200\n(.*\n)*? +what to do: 503: PocketPaw or /m,
  );
});

test.each([
  ["wrong", "refuses this master token (401)"],
  [" ", "The master token is empty; it must be visible ASCII"],
  [undefined, "POCKETPAW_ACCESS_TOKEN is not set, and there is no terminal to ask at."],
])("the master token %j exits with 2: %s", async (token, message) => {
  const found = await smoke(gateway.url.origin, { POCKETPAW_ACCESS_TOKEN: token });
  expect(found).toEqual([2, expect.stringContaining(message)]);
});

test("a certificate that nobody trusts ends the run before any request, whatever Node is told", async () => {
  const url = tls.url.replace("http:", "https:");
  const message = `${url} cannot be reached: TLS failed: the certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT).`;
  const found = await smoke(url, { NODE_TLS_REJECT_UNAUTHORIZED: "0" });
  expect([found, asked]).toEqual([[2, expect.stringContaining(message)], []]);
});

test("requests go through the proxy of HTTPS_PROXY, with its user, and TLS is the gateway's", async () => {
  const found = await smoke("https://paw.example.com", {
    HTTPS_PROXY: proxy.url.replace("//", "//me:pw@"),
    NODE_EXTRA_CA_CERTS: CERTIFICATE,
  });
  expect(found).toEqual([2, expect.stringContaining("does not respond as the gateway does")]);
  expect(asked).toEqual(["paw.example.com:443", "Basic bWU6cHc=", "/api/auth/session"]);
});
