import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPocketPaw } from "../../deployed/support/pocketpaw.ts";
import { baseEnvironment, startServer } from "../../deployed/support/processes.ts";
import { PYTHON_PROGRAMS } from "../../deployed/support/tools.ts";
import { makeCheckout } from "../../support/checkout.ts";

/** What a test needs to know of a gateway with a PocketPaw behind it. */
export interface StackInfo {
  /** Where the gateway is, `http://localhost:<port>`. */
  readonly url: string;
  /** The master token that both were started with. */
  readonly masterToken: string;
  /** PocketPaw's home folder, which its file viewer shows. */
  readonly home: string;
  /** Where PocketPaw itself is, past the gateway. */
  readonly pocketPawUrl: string;
}

/** A gateway with a PocketPaw behind it, both running. */
export interface Stack extends StackInfo {
  readonly stopPocketPaw: () => Promise<void>;
  /** Starts PocketPaw again, on its port and in its home. */
  readonly restartPocketPaw: () => Promise<void>;
  /** All that the gateway has written so far. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

export interface StackOptions {
  /** Whether PocketPaw lets requests of its own machine in without a token, as it does by default. */
  readonly localhostBypass?: boolean;
  /** Parameters of the stack besides `originUrl`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Starts a new PocketPaw, and the gateway in front of it by `npm start`, on free ports. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { localhostBypass = false, parameters = {} } = options;
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-dashboard-"));
  const checkout = makeCheckout();
  let pocketPaw = await startPocketPaw(PYTHON_PROGRAMS, directory, { localhostBypass });
  const home = join(directory, "home");
  const parameterArguments = Object.entries({ originUrl: pocketPaw.url, ...parameters }).map(
    ([name, value]) => `--param=${name}=${value}`,
  );
  const gateway = await startServer(
    join(directory, "gateway.log"),
    (port) => ({
      command: "npm",
      args: [...["start", "--", "--httpPort", `${port}`], ...parameterArguments],
      // The master token is found where PocketPaw keeps it.
      env: { ...baseEnvironment([]), HOME: home },
      directory: checkout.directory,
    }),
    async (port) => (await fetch(`http://localhost:${port}/healthz`)).ok,
  );
  return {
    url: `http://localhost:${gateway.port}`,
    masterToken: pocketPaw.masterToken,
    home,
    pocketPawUrl: pocketPaw.url,
    stopPocketPaw: () => pocketPaw.stop(),
    restartPocketPaw: async () => {
      const port = Number(new URL(pocketPaw.url).port);
      pocketPaw = await startPocketPaw(PYTHON_PROGRAMS, directory, { localhostBypass, port });
    },
    output: () => readFileSync(gateway.logFile, "utf8"),
    stop: async () => {
      await gateway.stop();
      await pocketPaw.stop();
      checkout.remove();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
