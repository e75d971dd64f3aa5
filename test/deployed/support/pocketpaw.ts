import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { baseEnvironment, type Server, startServer } from "./processes.ts";
import { PYTHON_PROGRAMS } from "./tools.ts";

/**
 * Starts a real PocketPaw, with its home in a folder `home` that is made where there is none. Its
 * access log is part of its output.
 *
 * @param localhostBypass whether it accepts requests of its own machine without a token, as it does by
 *   default: all requests of a test would pass
 */
export async function startPocketPaw(
  directory: string,
  localhostBypass = false,
): Promise<Server & { readonly port: number; readonly url: string; readonly masterToken: string }> {
  const home = join(directory, "home");
  mkdirSync(home, { recursive: true });
  const server = await startServer(
    join(directory, "pocketpaw.log"),
    (port) => ({
      command: join(PYTHON_PROGRAMS, "pocketpaw"),
      args: ["--host", "127.0.0.1", "--port", String(port)],
      env: {
        ...baseEnvironment([]),
        HOME: home,
        POCKETPAW_LOCALHOST_AUTH_BYPASS: String(localhostBypass),
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
