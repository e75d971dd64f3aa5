import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeCheckout, ROOT } from "../support/checkout.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { type Gateway, spawnStart, startGateway } from "../support/offline.ts";
import { gatherPrinted } from "../support/printed.ts";

const SERVICE = readFileSync(join(ROOT, "serverless.yml"), "utf8");

/** All that is below a folder, files and sockets. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => entry.name);
}

describe("npm start on a machine with a configuration of its own", () => {
  const AWS_CONFIG = "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n";
  /** A function that says what it has been given. */
  const ENVIRONMENT =
    "export const handler = async () => ({ statusCode: 200, body: JSON.stringify(process.env) });";
  /** A proxy that nothing may ask. */
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(502).end();
  });
  const upstream = createServer((_, response) => response.end("content"));
  let ends: (() => Promise<void>)[] = [];
  let home = "";
  let gateway: Gateway;

  beforeAll(async () => {
    const [proxied, pocketPaw] = [await listenOnLoopback(proxy), await listenOnLoopback(upstream)];
    ends = [proxied.close, pocketPaw.close];
    home = mkdtempSync(join(tmpdir(), "home-"));
    const temporary = join(home, "t".repeat(120));
    mkdirSync(temporary);
    mkdirSync(join(home, ".aws"));
    writeFileSync(join(home, ".aws", "config"), AWS_CONFIG);
    gateway = await startGateway(
      { originUrl: pocketPaw.url.replace("127.0.0.1", "localhost") },
      {
        environment: {
          HOME: home,
          TMPDIR: temporary,
          POCKETPAW_LOCAL_DIR: join(home, "state"),
          AWS_PROFILE: "the-operators",
          AWS_REGION: "eu-west-1",
          AWS_SESSION_TOKEN: "the-operators",
          AWS_USE_FIPS_ENDPOINT: "true",
          AWS_USE_DUALSTACK_ENDPOINT: "true",
          AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true",
          AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:9",
          HTTP_PROXY: proxied.url,
          http_proxy: proxied.url,
          NODE_USE_ENV_PROXY: "1",
        },
        files: {
          "serverless.yml": SERVICE.replace(/(?<=role: LogoutRole\n)/, "    timeout: 1\n"),
          "handlers/healthz.ts": ENVIRONMENT,
          "handlers/login.ts": 'throw new Error("the-secret");',
          "handlers/logout.ts": "export const handler = () => new Promise(() => undefined);",
          "handlers/page.ts": "export const other = 1;",
        },
      },
    );
  });
  // Closing the terminal, also while a page is open, leaves nothing behind but the HMAC key.
  afterAll(async () => {
    const state = join(home, "state");
    const { hostname, port } = new URL(gateway.url);
    const page = connect(Number(port), hostname).on("error", () => undefined);
    await once(page, "connect");
    expect(filesBelow(state).length).toBeGreaterThan(3);
    await gateway.end("SIGHUP");
    expect(filesBelow(state)).toEqual(["hmac-key.json"]);
    expect(filesBelow(join(home, "t".repeat(120)))).toEqual([]);
    const inCheckout = readdirSync(gateway.checkout);
    expect(inCheckout.filter((name) => /^\.(local|esbuild)/.test(name))).toEqual([]);
    await gateway.stop();
    await Promise.all(ends.map((end) => end()));
    rmSync(home, { recursive: true, force: true });
  });

  const masterToken = () => gateway.currentMasterToken();

  test("is told in at most 15 lines, none of them a library's", () => {
    const url = gateway.url.replace("127.0.0.1", "localhost");
    expect(gateway.output().split("\n").filter(Boolean)).toEqual([
      "The gateway is starting …",
      `The gateway listens on ${url}`,
      `Its page, to log in and to pair a phone: ${url}/gateway`,
      `PocketPaw's dashboard: ${url}/`,
      `Master token: ${masterToken()}`,
      `curl -X POST "${url}/api/auth/session" -H "Authorization: Bearer ${masterToken()}"`,
    ]);
  });

  test("reaches the embedded Secrets Manager, PocketPaw at 127.0.0.1, and no proxy", async () => {
    const headers = { authorization: `Bearer ${masterToken()}` };
    for (const route of ["POST /api/auth/session", "GET /api/qr", "GET /api/x", "GET /"]) {
      const [method = "", path] = route.split(" ");
      const { status } = await fetch(gateway.url + path, { method, headers });
      expect([route, status]).toEqual([route, 200]);
    }
    expect(asked).toEqual([]);
  });

  test.each([
    ["throws while it loads", "POST /api/auth/login"],
    ["runs longer than its timeout, and again", "POST /api/auth/logout"],
    ["has no handler", "GET /gateway"],
  ])("responds with 500 where a function %s", async (_, route) => {
    const [method = "", path] = route.split(" ");
    for (let time = 0; time < 2; time += 1) {
      const response = await fetch(gateway.url + path, { method });
      const found = [response.status, await response.text()];
      expect(found).toEqual([500, '{"message":"Internal Server Error"}']);
    }
  });

  test("gives its functions no variable of the operator's", async () => {
    const environment = (await (await fetch(`${gateway.url}/healthz`)).json()) as object;
    expect(Object.values(environment)).not.toContain("the-operators");
    const names = Object.keys(environment).filter((name) =>
      /PROFILE|FIPS|DUAL|IGNORE|PROXY|HOME/i.test(name),
    );
    expect(names).toEqual([]);
  });
});

describe("npm start ends at once, with one message, where", () => {
  /** Runs it to its end, in a checkout without these folders. */
  async function fail(options: string[], without: readonly string[] = []) {
    const { directory, remove } = makeCheckout();
    onTestFinished(remove);
    for (const folder of without) rmSync(join(directory, folder));
    const child = spawnStart(directory, options);
    const printed = gatherPrinted(child);
    onTestFinished(() => void child.kill("SIGKILL"));
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    const output = printed();
    expect(output).not.toMatch(/^ +at |osls|Environment:|serverless\.yml/m);
    const state = join(directory, ".local");
    const left = existsSync(state) ? filesBelow(state) : [];
    expect(left.filter((name) => name !== "hmac-key.json")).toEqual([]);
    return output.replace("The gateway is starting …\n", "");
  }

  test("its port is taken", async () => {
    const { port, close } = await listenOnLoopback(createServer());
    onTestFinished(close);
    expect(await fail(["--httpPort", `${port}`])).toBe(
      `Port ${port} is taken on 127.0.0.1. To choose another one: npm start -- --httpPort ${port + 1}\n`,
    );
  });

  test("a parameter is wrong", async () => {
    const output = await fail(["--param=originUrl=http://127.0.0.1:8888/"]);
    expect(output).toMatch(/^originUrl is .*8888\//);
  });

  test("a package is missing", async () => {
    expect(await fail([], ["node_modules"])).toBe(
      "The package serverless is not installed; it must be: npm ci --include=dev\n",
    );
  });
});
