import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { baseEnvironment, type Server, startServer } from "./processes.ts";

/**
 * Starts a real PocketPaw with a new home. Without the bypass for its own machine: with it, all
 * requests here would pass it without a token. Its access log is part of its output.
 *
 * @param python the folder of its program
 */
export async function startPocketPaw(
  python: string,
  directory: string,
): Promise<Server & { readonly url: string; readonly masterToken: string }> {
  const home = join(directory, "home");
  mkdirSync(home);
  const server = await startServer(
    join(directory, "pocketpaw.log"),
    (port) => ({
      command: join(python, "pocketpaw"),
      args: ["--host", "127.0.0.1", "--port", String(port)],
      env: {
        ...baseEnvironment([]),
        HOME: home,
        POCKETPAW_LOCALHOST_AUTH_BYPASS: "false",
        // Instead of opening a window.
        BROWSER: "true",
        PYTHONUNBUFFERED: "1",
      },
      directory: home,
    }),
    async (port) => (await fetch(`http://127.0.0.1:${port}/`)).ok,
  );
  const masterToken = readFileSync(join(home, ".pocketpaw", "access_token"), "utf8").trim();
  return { ...server, url: `http://127.0.0.1:${server.port}`, masterToken };
}
