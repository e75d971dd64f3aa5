import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../../support/checkout.ts";
import { baseEnvironment, run } from "./processes.ts";

const PYTHON = join(ROOT, ".local", "python");
/** The folder of the programs of MiniStack, PocketPaw and cfn-lint, once they are installed. */
export const PYTHON_PROGRAMS = join(PYTHON, "bin");
const REQUIREMENTS = ["requirements.txt", "constraints.txt"].map((name) =>
  join(import.meta.dirname, "..", name),
);
const RUNTIME = join(ROOT, "test", "runtime");

/** Where the programs of MiniStack, PocketPaw and cfn-lint are, and those of Node 24. */
export interface Tools {
  readonly python: string;
  readonly node24: string;
}

/**
 * The Python to make an environment with.
 *
 * @throws Error of one line when there is none
 */
export function findPython(): string {
  const needed = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
  const found = ["python3.11", "python3", "python"].find(
    (name) => spawnSync(name, ["-c", needed], { stdio: "ignore" }).status === 0,
  );
  if (found !== undefined) return found;
  throw new Error("These tests need Python 3.11 or later with pip and venv, and found none");
}

/** Installs what is not there yet, in the versions that the project names. */
export async function installTools(python: string): Promise<Tools> {
  await Promise.all([installPython(python), installNode24()]);
  return { python: PYTHON_PROGRAMS, node24: join(RUNTIME, "node_modules", ".bin") };
}

/**
 * Installs the programs of requirements.txt, unless they are there in the versions that the project names.
 *
 * @param python the Python to make their environment with
 */
export async function installPython(python: string): Promise<void> {
  const installed = join(PYTHON, "installed");
  if (REQUIREMENTS.every((file) => isSame(file, join(installed, basename(file))))) return;
  console.log("Installing MiniStack, PocketPaw and other Python programs …");
  rmSync(PYTHON, { recursive: true, force: true });
  const [, constraints = ""] = REQUIREMENTS;
  await run(inRoot(python, ["-m", "venv", PYTHON]));
  await run(
    inRoot(join(PYTHON, "bin", "pip"), ["install", "-q", "--require-hashes", "-r", constraints]),
  );
  mkdirSync(installed);
  for (const file of REQUIREMENTS) copyFileSync(file, join(installed, basename(file)));
}

/** Node 24, and the runtime client that AWS runs functions with. */
export async function installNode24(): Promise<void> {
  const { dependencies } = JSON.parse(readFileSync(join(RUNTIME, "package.json"), "utf8"));
  const node = join(RUNTIME, "node_modules", ".bin", "node");
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  if (stdout?.trim() === `v${dependencies.node}`) return;
  console.log("Installing Node 24 and the Lambda runtime client …");
  await run(inRoot("npm", ["ci", "--prefix", RUNTIME]));
}

/** A package manager's command: it needs the environment that its user has set up for it. */
function inRoot(command: string, args: readonly string[]) {
  const env = { ...process.env, ...baseEnvironment([]) } as Record<string, string>;
  return { command, args, env, directory: ROOT };
}

function isSame(file: string, other: string): boolean {
  try {
    return readFileSync(file).equals(readFileSync(other));
  } catch {
    return false;
  }
}
