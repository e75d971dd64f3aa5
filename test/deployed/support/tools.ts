import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../support/checkout.ts";
import { run } from "./processes.ts";

const PYTHON = join(ROOT, ".local", "python");
/** The folder of the programs of requirements.txt, once they are installed. */
export const PYTHON_PROGRAMS = join(PYTHON, "bin");
const CONSTRAINTS = join(import.meta.dirname, "..", "constraints.txt");
const RUNTIME = join(ROOT, "test", "runtime");
/** The folder of Node 24's programs, once it is installed. */
export const NODE_24_PROGRAMS = join(RUNTIME, "node_modules", ".bin");

/** Installs what the emulator and PocketPaw need. */
export async function installTools(): Promise<void> {
  await Promise.all([installPython(), installNode24()]);
}

/** Installs the programs of requirements.txt, unless they are there in the versions that constraints.txt names. */
export async function installPython(): Promise<void> {
  const installed = join(PYTHON, "constraints.txt");
  const text = (file: string) => readFileSync(file, "utf8");
  if (existsSync(installed) && text(installed) === text(CONSTRAINTS)) return;
  const python = findPython();
  console.log("Installing MiniStack, PocketPaw and other Python programs …");
  rmSync(PYTHON, { recursive: true, force: true });
  await runInRoot(python, ["-m", "venv", PYTHON]);
  await runInRoot(join(PYTHON_PROGRAMS, "pip"), [
    ...["install", "-q", "--require-hashes", "-r", CONSTRAINTS],
  ]);
  copyFileSync(CONSTRAINTS, installed);
}

/** The Python to make an environment with. */
function findPython(): string {
  const needed = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
  const found = ["python3.11", "python3", "python"].find(
    (name) => spawnSync(name, ["-c", needed], { stdio: "ignore" }).status === 0,
  );
  if (found !== undefined) return found;
  throw new Error("These tests need Python 3.11 or later with pip and venv, and found none");
}

/**
 * Installs Node 24, and the runtime client that AWS runs functions with. Its install script compiles it, on any Node:
 * `npm run` hands down the settings of .npmrc, which are for the project's own packages.
 */
export function installNode24(): Promise<void> {
  return installPackages(RUNTIME, "--ignore-scripts=false", "--engine-strict=false");
}

/** Installs the packages of a folder, unless they are those of its lock file already. */
export async function installPackages(folder: string, ...options: string[]): Promise<void> {
  const installed = join(folder, "node_modules", ".package-lock.json");
  const lock = join(folder, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log(`Installing the packages of ${folder} …`);
  await runInRoot("npm", ["ci", ...options, "--prefix", folder]);
}

/** Runs a package manager, which needs the environment that its user has set up for it. */
function runInRoot(command: string, args: readonly string[]): Promise<string> {
  return run({ command, args, env: process.env, directory: ROOT });
}
