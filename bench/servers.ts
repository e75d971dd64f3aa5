import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const ROOT = join(import.meta.dirname, "..");
const POCKETPAW = join(ROOT, ".local", "python", "bin", "pocketpaw");
const LIMIT_MILLISECONDS = 60_000;

/** A real PocketPaw, and the laptop's gateway in front of it. */
export interface Pair {
  readonly pocketPaw: string;
  readonly gateway: string;
  readonly masterToken: string;
  readonly sessionToken: string;
  /** For files of the measure's own; it is removed with the servers. */
  readonly folder: string;
  /** Starts one more server, until it responds at the URL. */
  readonly start: (command: string, args: readonly string[], url: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const NO_POCKETPAW = "PocketPaw is not installed: `npm run test:deployed` installs it.";

/** Starts both on free ports, with a home of their own. Undefined where PocketPaw is not installed. */
export async function startPair(): Promise<Pair | undefined> {
  if (!existsSync(POCKETPAW)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "pocketpaw-bench-"));
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    TMPDIR: folder,
    POCKETPAW_LOCALHOST_AUTH_BYPASS: "false",
    POCKETPAW_LOCAL_DIR: join(folder, "state"),
  };
  const ends: (() => Promise<unknown>)[] = [];
  const start: Pair["start"] = async (command, args, url) => {
    const child = spawn(command, args, { cwd: ROOT, env, stdio: "ignore", detached: true });
    const ended = once(child, "exit");
    ends.push(() => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
      return ended;
    });
    const deadline = Date.now() + LIMIT_MILLISECONDS;
    const isUp = async () => (await fetch(url).catch(() => ({ status: 503 }))).status < 500;
    while (!(await isUp())) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${command} is not up`);
      await sleep(100);
    }
  };
  const stop = async () => {
    for (const end of ends.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    mkdirSync(env.POCKETPAW_LOCAL_DIR);
    const [own, port] = [`${await freePort()}`, `${await freePort()}`];
    const [pocketPaw, gateway] = [`http://127.0.0.1:${own}`, `http://127.0.0.1:${port}`];
    await start(POCKETPAW, ["--host", "127.0.0.1", "--port", own], `${pocketPaw}/api/health`);
    const masterToken = readFileSync(join(folder, ".pocketpaw", "access_token"), "utf8").trim();
    const options = ["--httpPort", port, `--param=originUrl=${pocketPaw}`];
    await start("npm", ["start", "--", ...options], `${gateway}/healthz`);
    const exchange = await fetch(`${gateway}/api/auth/session`, {
      method: "POST",
      headers: { authorization: `Bearer ${masterToken}` },
    });
    const { session_token: sessionToken } = (await exchange.json()) as { session_token: string };
    return { pocketPaw, gateway, masterToken, sessionToken, folder, start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
