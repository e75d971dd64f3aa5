// `npm start` as the gateway that real nginx and real Caddy ask, in front of a real PocketPaw.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll } from "vitest";
import { createLocalClient } from "../../local/rotate.ts";
import { startPocketPaw } from "../deployed/support/pocketpaw.ts";
import { findPython, installTools } from "../deployed/support/tools.ts";
import { findFreePort } from "../support/free-port.ts";
import { startGateway } from "../support/offline.ts";
import { type DirectPaths, testDirectPaths } from "./support/direct-paths.ts";
import { PROXIES, SECRETS } from "./support/proxies.ts";
import { startRecorder } from "./support/recorder.ts";

const publicHost = "paw.example.com";
const closing: (() => unknown)[] = [];
let paths: DirectPaths;

beforeAll(async () => {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-front-"));
  closing.push(() => rmSync(directory, { recursive: true, force: true }));
  // npm start comes first, because it makes the master token.
  const port = await findFreePort();
  const gateway = await startGateway({ originUrl: `http://127.0.0.1:${port}` });
  closing.push(gateway.stop);
  const { masterToken, stateDirectory } = gateway;
  const home = join(directory, "home");
  mkdirSync(join(home, ".pocketpaw"), { recursive: true });
  writeFileSync(join(home, ".pocketpaw", "access_token"), masterToken);
  const { python } = await installTools(findPython());
  const pocketPaw = await startPocketPaw(python, directory, { port });
  const slowServer = await startRecorder();
  closing.push(pocketPaw.stop, slowServer.close);
  slowServer.answer = { status: 200, wait: () => setTimeout(40_000) };

  const startAll = (upstreamPort: number) =>
    Promise.all(
      PROXIES.map(([, start]) => start({ publicHost, upstreamPort, directory, gateway })),
    );
  const proxies = await startAll(pocketPaw.port);
  const slow = await startAll(slowServer.port);
  closing.push(...[...proxies, ...slow].map(({ stop }) => stop));
  const [endpoint = "", accessKeyId = ""] = ["url", "access-key-id"].map((name) =>
    readFileSync(join(stateDirectory, `secrets-manager-${name}`), "utf8").trim(),
  );
  const client = createLocalClient(endpoint, accessKeyId);
  const command = new GetSecretValueCommand({ SecretId: "pocketpaw/hmac-key" });
  const { SecretString: hmacKey = "" } = await client.send(command);
  client.destroy();
  paths = {
    proxies,
    slow,
    secret: SECRETS.direct,
    masterToken,
    hmacKey,
    publicHost,
    home,
    pocketPaw,
  };
});
afterAll(async () => {
  for (const end of closing.reverse()) await end();
});

testDirectPaths(() => paths);
