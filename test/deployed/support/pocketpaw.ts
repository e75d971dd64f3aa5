import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BASE_ENVIRONMENT, type Server, startServer } from "./processes.ts";
import { PYTHON_PROGRAMS } from "./tools.ts";

/** Starts a real PocketPaw, with its home in a folder `home` of this one. Its access log is part of its output. */
export async function startPocketPaw(
  directory: string,
): Promise<Server & { readonly masterToken: string }> {
  const home = join(directory, "home");
  mkdirSync(home);
  const server = await startServer(
    join(directory, "pocketpaw.log"),
    (port) => ({
      command: join(PYTHON_PROGRAMS, "pocketpaw"),
      args: ["--host", "127.0.0.1", "--port", String(port)],
      env: {
        ...BASE_ENVIRONMENT,
        HOME: home,
        // By default it accepts all requests of its own machine.
        POCKETPAW_LOCALHOST_AUTH_BYPASS: "false",
        // Instead of opening a window.
        BROWSER: "true",
        PYTHONUNBUFFERED: "1",
      },
      directory: home,
    }),
    async (_port, url) => (await fetch(url)).ok,
  );
  const masterToken = readFileSync(join(home, ".pocketpaw", "access_token"), "utf8").trim();
  return { ...server, masterToken };
}
