// @ts-check
// `npm start`. It runs before anything is known of the machine: no package is imported before it has been looked for,
// and the syntax is old.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const PACKAGES = ["serverless", "serverless-offline", "serverless-esbuild", "tsx"];
const OPTIONS = ["--httpPort", "--param", "--stage", "--region", "--verbose"];

/**
 * What keeps the gateway from starting, in one line.
 * @param {readonly string[]} options
 */
export function problem(options) {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24)) {
    return `Node is ${process.version}; it must be ${engines.node}.`;
  }
  const missing = PACKAGES.find((name) => !existsSync(join(ROOT, "node_modules", name)));
  if (missing !== undefined) {
    return `The package ${missing} is not installed; it must be: npm ci --include=dev`;
  }
  return optionProblem(options);
}

/** @param {readonly string[]} options */
function optionProblem(options) {
  const rest = [...options];
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    const [name = "", inline] = option.split(/=(.*)/s);
    if (!OPTIONS.includes(name)) {
      return `${name} is not an option of npm start; the options are ${OPTIONS.join(", ")}.`;
    }
    if (name === "--verbose") continue;
    const value = inline === undefined ? rest.shift() : inline;
    if (value === undefined || value === "") return `${name} has no value.`;
    if (name === "--httpPort" && !(/^[0-9]{1,5}$/.test(value) && +value >= 1 && +value <= 65535)) {
      return `--httpPort is ${JSON.stringify(value)}; it must be a port, from 1 to 65535.`;
    }
  }
  return undefined;
}

/**
 * The message of an error without what the framework writes before it: where in serverless.yml it arose.
 * @param {string} text
 */
export function messageFirst(text) {
  return text.replace(/^Error:\n(Cannot resolve serverless\.yml: .*?: Received rejection: )?/s, "");
}

/** @param {readonly string[]} options */
function main(options) {
  const found = problem(options);
  if (found !== undefined) {
    console.error(found);
    process.exitCode = 1;
    return;
  }
  console.log("The gateway is starting …");
  process.chdir(ROOT);
  // Nothing is written outside POCKETPAW_LOCAL_DIR.
  process.env.TSX_DISABLE_CACHE = "1";
  process.argv = [process.argv[0] || "node", "serverless", "offline", "start", ...options];
  if (!options.includes("--verbose")) {
    process.env.SLS_LOG_LEVEL = "warning";
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (/** @type {string | Uint8Array} */ text) =>
      typeof text === "string" && text.startsWith("Error:")
        ? process.stderr.write(messageFirst(text))
        : write(text);
  }
  createRequire(import.meta.url)("serverless/bin/serverless.js");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
