// Installs what the benchmarks need, where it is not installed yet, and runs them on Node 24.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

const bench = import.meta.dirname;
const runtime = join(bench, "..", "test", "runtime");

// Compiles the runtime client, which takes two minutes.
install(runtime);
install(bench);
run(join(runtime, "node_modules", "node", "bin", "node"), [
  join(bench, "main.ts"),
  ...process.argv.slice(2),
]);

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
