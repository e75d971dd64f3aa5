import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPocketPaw } from "../../deployed/support/pocketpaw.ts";
import { baseEnvironment, startServer } from "../../deployed/support/processes.ts";
import { PYTHON_PROGRAMS } from "../../deployed/support/tools.ts";
import { makeCheckout } from "../../support/checkout.ts";

/** Where a gateway is, and the master token that it was started with. */
export interface GatewayInfo {
  /** `http://localhost:<port>` */
  readonly url: string;
  readonly masterToken: string;
}

/** What a test needs to know of a gateway with a PocketPaw behind it. */
export interface StackInfo extends GatewayInfo {
  /** PocketPaw's home folder, which its file viewer shows. */
  readonly home: string;
  /** Where PocketPaw itself is, past the gateway. */
  readonly pocketPawUrl: string;
}

/** A gateway that is running. */
export interface Gateway extends GatewayInfo {
  /** The master token that the gateway has written last. */
  readonly currentMasterToken: () => string | undefined;
  readonly stop: () => Promise<void>;
}

/** A gateway with a PocketPaw behind it, both running. */
export interface Stack extends StackInfo, Gateway {
  readonly stopPocketPaw: () => Promise<void>;
  /** Starts PocketPaw again, on its port and in its home. */
  readonly restartPocketPaw: () => Promise<void>;
}

export interface StackOptions {
  /** Whether PocketPaw lets requests of its own machine in without a token, as it does by default. */
  readonly localhostBypass?: boolean;
  /** Parameters of the stack besides `originUrl`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Starts a new PocketPaw, and the gateway in front of it, on free ports. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { localhostBypass = false, parameters = {} } = options;
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-dashboard-"));
  let pocketPaw = await startPocketPaw(PYTHON_PROGRAMS, directory, { localhostBypass });
  const gateway = await startGateway(directory, { originUrl: pocketPaw.url, ...parameters });
  return {
    ...gateway,
    home: join(directory, "home"),
    pocketPawUrl: pocketPaw.url,
    stopPocketPaw: () => pocketPaw.stop(),
    restartPocketPaw: async () => {
      const port = Number(new URL(pocketPaw.url).port);
      pocketPaw = await startPocketPaw(PYTHON_PROGRAMS, directory, { localhostBypass, port });
    },
    stop: async () => {
      await pocketPaw.stop();
      await gateway.stop();
    },
  };
}

/**
 * Starts the gateway by `npm start` on a free port. Its master token is that of the PocketPaw in the folder
 * `home`, if there is one.
 *
 * @param directory removed when it stops
 */
export async function startGateway(
  directory = mkdtempSync(join(tmpdir(), "pocketpaw-gateway-")),
  parameters: Readonly<Record<string, string>> = {},
): Promise<Gateway> {
  const checkout = makeCheckout();
  const home = join(directory, "home");
  mkdirSync(home, { recursive: true });
  const options = Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
  const logFile = join(directory, "gateway.log");
  const gateway = await startServer(
    logFile,
    (port) => ({
      command: "npm",
      args: ["start", "--", "--httpPort", `${port}`, ...options],
      env: { ...baseEnvironment([]), HOME: home },
      directory: checkout.directory,
    }),
    // Its last lines hold the master token.
    async (port) => (await fetch(`http://localhost:${port}/healthz`)).ok && tokens().length > 0,
  );
  function tokens(): string[] {
    const lines = readFileSync(logFile, "utf8").matchAll(/^Master token: (.+)$/gm);
    return [...lines].map(([, token = ""]) => token);
  }
  const [masterToken = ""] = tokens();
  return {
    url: `http://localhost:${gateway.port}`,
    masterToken,
    currentMasterToken: () => tokens().at(-1),
    stop: async () => {
      await gateway.stop();
      checkout.remove();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
