import { spawnSync } from "node:child_process";
import type { TestProject } from "vitest/node";
import { installPackages, installPython } from "../deployed/support/tools.ts";
import { type StackInfo, startStack } from "./support/stack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The program to start Chromium with. */
    chromium: string;
    /** The gateway with a PocketPaw behind it that the tests share: none may end its sessions. */
    stack: StackInfo;
  }
}

const BROWSERS = ["chromium", "google-chrome", "chromium-browser"];

/** The path of the system's Chromium, or Chrome. */
function findChromium(): string {
  for (const name of BROWSERS) {
    const { stdout, status } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
  }
  throw new Error(
    `test:dashboard needs Chromium (Debian: apt-get install chromium), and found none of: ${BROWSERS.join(", ")}`,
  );
}

/** Installs what is not there yet, and starts the gateway and the PocketPaw that the tests share. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide("chromium", findChromium());
  await Promise.all([installPython(), installPackages(import.meta.dirname, "--ignore-scripts")]);
  const { url, masterToken, home, stop } = await startStack();
  project.provide("stack", { url, masterToken, home });
  return stop;
}
