import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { dirname } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tokenFile } from "../../local/master-token.ts";
import { startGateway } from "../../local/start.ts";
import { check } from "../deploy/support.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { rawRequest } from "../support/raw-request.ts";
import { temporaryDirectory } from "./support.ts";

const ORIGIN = "https://dash.example.com";

/** Starts a gateway without functions in front of an upstream; its URL, what it prints and what it sets. */
async function start(upstream: RequestListener, home: string) {
  const behind = await listenOnLoopback(createServer(upstream));
  onTestFinished(behind.close);
  const parameters = { corsOrigins: ORIGIN, inboundWebhooks: "some-hook", originUrl: behind.url };
  const printed: string[] = [];
  const environment: Record<string, string> = { AWS_PROFILE: "the-operators", HOME: home };
  const gateway = await startGateway({
    service: { functions: {}, custom: { settings: check(parameters) } },
    port: 0,
    directory: await temporaryDirectory(),
    environment,
    home,
    invoke: async () => undefined,
    print: (text) => printed.push(text),
  });
  onTestFinished(gateway.close);
  const [, port] = /^The gateway listens on .*:(\d+)$/m.exec(printed.at(-1) ?? "") ?? [];
  return { printed, environment, url: `http://127.0.0.1:${port}` };
}

test("a PocketPaw that makes its master token only when it is asked is not warned of", async () => {
  const home = await temporaryDirectory();
  let isAsked = false;
  const { printed, environment } = await start((_, response) => {
    mkdirSync(dirname(tokenFile(home)), { recursive: true });
    writeFileSync(tokenFile(home), "made-by-pocketpaw");
    response.writeHead(isAsked ? 200 : 401).end();
    isAsked = true;
  }, home);
  expect(printed.join("\n")).toMatch(
    /^The gateway listens on .*\nMaster token: made-by-pocketpaw\n/s,
  );
  expect(environment).not.toHaveProperty("AWS_PROFILE");
  expect(environment).toMatchObject({ HOME: home, AWS_ACCESS_KEY_ID: expect.any(String) });
});

test("a PocketPaw that refuses the master token in its file is asked once and warned of, before the last lines", async () => {
  const home = await temporaryDirectory();
  mkdirSync(dirname(tokenFile(home)));
  writeFileSync(tokenFile(home), "refused");
  const asked: unknown[] = [];
  const { printed } = await start(({ url }, response) => {
    asked.push(url);
    response.writeHead(401).end();
  }, home);
  expect(asked).toEqual(["/api/health"]);
  expect(printed).toEqual([
    expect.stringMatching(/^Warning: .* does not accept the master token in use/),
    expect.stringMatching(/\ncurl -X POST "http:\/\/localhost:\d+\/api\/auth\/session"/),
  ]);
});

test("corsOrigins and inboundWebhooks are those of the parameters", async () => {
  const { url } = await start((_, response) => response.end(), await temporaryDirectory());
  const preflight = { method: "OPTIONS", headers: { origin: ORIGIN } };
  expect((await rawRequest(url, "/api/x", preflight)).headers).toMatchObject({
    "access-control-allow-origin": [ORIGIN],
    "access-control-allow-credentials": ["true"],
    "access-control-allow-methods": ["GET,HEAD,POST,PUT,PATCH,DELETE"],
    "access-control-allow-headers": [expect.stringMatching(/\bauthorization,.*\btraceparent\b/)],
    "access-control-expose-headers": [expect.stringMatching(/^retry-after,www-authenticate\b/)],
    "access-control-max-age": ["600"],
    vary: ["origin"],
  });
  for (const [name, status] of Object.entries({ "some-hook": 200, other: 404 })) {
    const response = await rawRequest(url, `/webhook/inbound/${name}`, { method: "POST" });
    expect([name, response.status]).toEqual([name, status]);
  }
});
