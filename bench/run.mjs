// `npm run bench`: installs what the benchmarks need, where it is not installed yet, and runs them on Node 24.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

const USAGE = `npm run bench [-- [--quick] [MEASURE…]]

Measures the gateway on this machine, beside what others take for the same. Without a MEASURE it takes all of
them, about 20 minutes, and writes bench/RESULTS.md.

  --quick   only shows that everything runs; its figures are worth little
  --help    shows this, and installs nothing
MEASURE     tokens, warm, cold-start, refresh, stream, first-load
`;

const bench = import.meta.dirname;
const runtime = join(bench, "..", "test", "runtime");
const args = process.argv.slice(2);
const known = ["--quick", ...(USAGE.match(/MEASURE {5}(.*)/)?.[1].split(", ") ?? [])];
const unknown = args.find((arg) => !known.includes(arg));

if (args.includes("--help") || args.includes("-h")) {
  process.stdout.write(USAGE);
} else if (unknown !== undefined) {
  process.stderr.write(`${unknown} is not known.\n\n${USAGE}`);
  process.exitCode = 2;
} else {
  // Compiles the runtime client, which takes two minutes.
  install(runtime);
  install(bench);
  run(join(runtime, "node_modules", "node", "bin", "node"), [join(bench, "main.ts"), ...args]);
}

function install(directory) {
  const installed = join(directory, "node_modules", ".package-lock.json");
  const lock = join(directory, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.error(`npm ci in ${directory}`);
  run("npm", ["ci", "--prefix", directory, "--loglevel", "error"]);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
