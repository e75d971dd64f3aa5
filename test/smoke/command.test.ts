import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeCertificate } from "../front/support/certificate.ts";
import { holdClosedPort } from "../support/closed-port.ts";
import { findFreePort } from "../support/free-port.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { gatherPrinted } from "../support/printed.ts";
import { json } from "./support/contract.ts";
import { startContractServer } from "./support/gateway.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TOKEN = randomUUID();
const ANY_TOKEN = /[0-9]{5,}:[0-9a-f]{16,}|session:[0-9]/;

/** What has to be closed after a test. */
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Runs the command as npm does, without a terminal. */
async function smoke(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = { POCKETPAW_ACCESS_TOKEN: TOKEN },
): Promise<{ code: number; printed: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "smoke/main.ts", ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = gatherPrinted(child);
  const [code] = await once(child, "close");
  return { code, printed: printed() };
}

/** A gateway as the contract says, or a wrong one. */
async function startGateway(...options: Parameters<typeof startContractServer>) {
  const server = await startContractServer(...options);
  open.push(server.close);
  const environment = { POCKETPAW_ACCESS_TOKEN: server.masterToken };
  return { ...server, environment };
}

describe("the command line", () => {
  test("without a URL gets the usage, with the variable's name and the exit codes", async () => {
    const { code, printed } = await smoke([]);
    expect(code).toBe(2);
    expect(printed).toMatch(/^Usage: npm run smoke -- <URL>/);
    expect(printed).toContain("POCKETPAW_ACCESS_TOKEN");
    expect(printed).toMatch(/0 everything holds, 1 something does not, 2 /);
  });

  test.each([
    ["as a second argument", ["https://paw.example.com", TOKEN]],
    ["as the only argument", [TOKEN]],
    ["as an option", ["https://paw.example.com", `--token=${TOKEN}`]],
    ["as the URL's user", [`https://${TOKEN}@paw.example.com`]],
    ["as the URL's password", [`https://me:${TOKEN}@paw.example.com`]],
    ["in the URL's query", [`https://paw.example.com/?token=${TOKEN}`]],
    ["in the URL's fragment", [`https://paw.example.com/#${TOKEN}`]],
  ])("with a token %s is refused, without repeating it", async (_, args) => {
    const { code, printed } = await smoke(args);
    expect(code).toBe(2);
    expect(printed).toContain("It may not hold the master token");
    expect(printed).not.toContain(TOKEN);
  });

  test.each([
    ["http://paw.example.com", "allowed: https://paw.example.com"],
    ["http://localhost.example.com", "allowed: https://localhost.example.com"],
    ["https://paw.example.com/api", "allowed: https://paw.example.com"],
    ["https://paw.example.com:99999", "cannot be read"],
  ])("with %s says what is allowed", async (url, message) => {
    const { code, printed } = await smoke([url]);
    expect([code, printed]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe("the master token", () => {
  test.each<[string, Record<string, string>]>([
    ["absent, without a terminal", {}],
    ["empty", { POCKETPAW_ACCESS_TOKEN: "" }],
    ["of two words", { POCKETPAW_ACCESS_TOKEN: "a b" }],
    ["of other letters", { POCKETPAW_ACCESS_TOKEN: "тайна" }],
  ])("%s is refused before any request", async (_, environment) => {
    const { url, seen } = await startGateway(false);
    const { code, printed } = await smoke([url], environment);
    expect([code, printed]).toEqual([2, expect.stringContaining("POCKETPAW_ACCESS_TOKEN")]);
    expect(seen).toEqual([]);
  });

  test("that the gateway refuses is called wrong", async () => {
    const { url } = await startGateway(false);
    const { code, printed } = await smoke([url]);
    expect(code).toBe(2);
    expect(printed).toContain(`${url} refuses this master token (401)`);
  });
});

describe("a run", () => {
  test("prints a row for each check and exits with 0 when all hold", async () => {
    const { url, environment } = await startGateway(true);
    const { code, printed } = await smoke([url], environment);
    expect([code, printed]).toEqual([0, expect.stringContaining("0 do not hold")]);
    expect(printed).toMatch(/^holds +websocket /m);
    expect(printed).toMatch(/^not applicable +regeneration .*only with --regenerate/m);
  });

  test("exits with 1 when a row does not hold, and says what was found and what to do", async () => {
    const { url, environment } = await startGateway(true, {
      answer: (right, { path }) => (path === "/" ? json(503, {}) : right),
    });
    const { code, printed } = await smoke([url], environment);
    expect([code, printed]).toEqual([1, expect.stringContaining("1 do not hold")]);
    expect(printed).toMatch(
      /^DOES NOT HOLD +page .*\n +found: GET \/ responded 503\n(.*\n)*? +what to do: /m,
    );
  });

  test("regenerates with the flag, and says so before it does anything", async () => {
    const { url, environment } = await startGateway(true);
    const { code, printed } = await smoke([url, "--regenerate"], environment);
    expect([code, printed]).toEqual([0, expect.stringMatching(/^holds +regeneration /m)]);
    expect(printed).toMatch(
      /^--regenerate: this run replaces the master token and ends every session/,
    );
    expect(printed).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/);
  });

  test.each([false, true])(
    "prints no token, whatever a gateway repeats in its responses (regenerate: %s)",
    async (regenerate) => {
      const { url, masterToken, environment } = await startGateway(true, {
        answer: (right, { headers, query, body }) => {
          const told = [headers.authorization, headers.cookie, query.get("token"), body].join(" ");
          const all = { ...right.headers, "www-authenticate": told, "content-type": told };
          return {
            ...right,
            headers: all,
            body: right.body.replace("{", `{"told":${JSON.stringify(told)},`),
          };
        },
        upgrade: () => 999,
      });
      const { code, printed } = await smoke(
        regenerate ? [url, "--regenerate"] : [url],
        environment,
      );
      expect([code, printed]).toEqual([1, expect.stringMatching(/^DOES NOT HOLD +secrecy/m)]);
      expect(printed).not.toContain(masterToken);
      expect(printed).not.toMatch(ANY_TOKEN);
    },
  );
});

describe("a URL that is no gateway's", () => {
  test.each<[string, number, Record<string, string>, string]>([
    ["a page", 200, { "content-type": "text/html" }, "<title>Hello</title>"],
    ["a redirect", 302, { location: "https://elsewhere.example/" }, ""],
    ["another API", 401, { "content-type": "application/json" }, '{"message":"Unauthorized"}'],
    ["nothing", 404, {}, ""],
  ])("with %s does not get the master token", async (_, status, headers, body) => {
    const seen: string[] = [];
    const server = createServer(async (request, response) => {
      seen.push(
        JSON.stringify([request.url, request.rawHeaders]),
        ...(await request.toArray()).map(String),
      );
      response.writeHead(status, headers).end(body);
    });
    const { url, close } = await listenOnLoopback(server);
    open.push(close);
    const { code, printed } = await smoke([url]);
    expect(code).toBe(2);
    expect(printed).toContain(`${url} does not respond as the gateway does`);
    expect(printed).toContain("The master token was not sent.");
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.join()).not.toContain(TOKEN);
  });

  test("where nothing listens is called unreachable", async () => {
    const port = await findFreePort();
    open.push(await holdClosedPort(port));
    const { code, printed } = await smoke([`http://127.0.0.1:${port}`]);
    expect([code, printed.trim()]).toEqual([
      2,
      `http://127.0.0.1:${port} cannot be reached: nothing listens there (ECONNREFUSED).`,
    ]);
  });

  test("where something else than HTTP is spoken is called so", async () => {
    const server = createTcpServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    open.push(() => server.close());
    const { code, printed } = await smoke([
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ]);
    expect([code, printed]).toEqual([2, expect.stringContaining("does not speak HTTP")]);
  });

  test("with https where there is no TLS is called so", async () => {
    const { url } = await startGateway(false);
    const { code, printed } = await smoke([url.replace("http:", "https:")]);
    expect([code, printed]).toEqual([2, expect.stringContaining("cannot be reached: TLS failed")]);
  });
});

describe("a certificate that nobody trusts", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "pocketpaw-smoke-"));
    open.push(() => rmSync(directory, { recursive: true }));
  });

  test("ends the run before any request, also where Node is told to trust all", async ({
    skip,
  }) => {
    const made = await makeCertificate(directory).catch(() => undefined);
    if (made === undefined) return skip("openssl is missing");
    let requests = 0;
    const server = createTlsServer(
      { key: readFileSync(made.keyFile), cert: readFileSync(made.certFile) },
      (_, response) => {
        requests += 1;
        response.end();
      },
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    open.push(() => server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { code, printed } = await smoke([url], {
      POCKETPAW_ACCESS_TOKEN: TOKEN,
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
    });
    expect([code, printed]).toEqual([
      2,
      expect.stringContaining(
        "TLS failed: the certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT)",
      ),
    ]);
    expect(requests).toBe(0);
  });
});
