import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { dirname } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tokenFile } from "../../local/master-token.ts";
import { startGateway } from "../../local/start.ts";
import { listenOnLoopback } from "../support/loopback.ts";
import { temporaryDirectory } from "./support.ts";

/** Starts a gateway without functions in front of an upstream; what it prints. */
async function start(upstream: RequestListener, home: string) {
  const behind = await listenOnLoopback(createServer(upstream));
  onTestFinished(behind.close);
  const settings = { originUrl: behind.url, inboundWebhooks: [], cors: false };
  const printed: string[] = [];
  const environment: Record<string, string> = { AWS_PROFILE: "the-operators", HOME: home };
  const gateway = await startGateway({
    service: { functions: {}, custom: { settings } },
    port: 0,
    directory: await temporaryDirectory(),
    environment,
    home,
    invoke: async () => undefined,
    print: (text) => printed.push(text),
  });
  onTestFinished(gateway.close);
  return { printed, environment };
}

test("a PocketPaw that makes its master token only when it is asked is not warned of", async () => {
  const home = await temporaryDirectory();
  const { printed, environment } = await start((_, response) => {
    response.statusCode = wasThere(home) ? 200 : 401;
    response.end();
  }, home);
  expect(printed.join("\n")).toMatch(
    /^The gateway listens on .*\nMaster token: made-by-pocketpaw\n/s,
  );
  expect(Object.keys(environment).filter((name) => name === "AWS_PROFILE")).toEqual([]);
  expect(environment).toMatchObject({ HOME: home, AWS_ACCESS_KEY_ID: expect.any(String) });
});

test("a PocketPaw that refuses the master token is warned of, before the last lines", async () => {
  const { printed } = await start(
    (_, response) => {
      response.statusCode = 401;
      response.end();
    },
    await temporaryDirectory(),
  );
  expect(printed).toEqual([
    expect.stringMatching(/^Warning: .* does not accept the master token in use/),
    expect.stringMatching(/\ncurl -X POST "http:\/\/localhost:\d+\/api\/auth\/session"/),
  ]);
});

/** Whether the token file was there; it is from then on. */
function wasThere(home: string): boolean {
  const file = tokenFile(home);
  try {
    mkdirSync(dirname(file));
  } catch {
    return true;
  }
  writeFileSync(file, "made-by-pocketpaw");
  return false;
}
