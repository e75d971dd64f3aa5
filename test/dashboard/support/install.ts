import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { baseEnvironment, run } from "../../deployed/support/processes.ts";

const DIRECTORY = join(import.meta.dirname, "..");
const BROWSERS = ["chromium", "google-chrome", "chromium-browser"];

/**
 * The system's Chromium, or Chrome.
 *
 * @returns the program's absolute path
 * @throws Error of one line when there is none
 */
export function findChromium(): string {
  for (const name of BROWSERS) {
    const { stdout, status } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
  }
  throw new Error(
    `test:dashboard needs Chromium (Debian: apt-get install chromium), and found none of: ${BROWSERS.join(", ")}`,
  );
}

/** Installs the packages of a folder, unless they are those of its lock file already. */
export async function installPackages(directory = DIRECTORY): Promise<void> {
  const installed = join(directory, "node_modules", ".package-lock.json");
  const lock = join(directory, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log(`Installing the packages of ${directory} …`);
  const env = { ...process.env, ...baseEnvironment([]) } as Record<string, string>;
  await run({
    command: "npm",
    args: ["ci", "--ignore-scripts", "--prefix", directory],
    env,
    directory,
  });
}
