import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { unzipSync, zipSync } from "fflate";
import type { SecretsManager } from "./secrets-manager.ts";

const ROOT = join(import.meta.dirname, "..");
const OUTPUT = join(import.meta.dirname, ".build");

/** A function as Lambda has it: an unpacked zip, and the name of the handler in it. */
export interface Bundle {
  readonly name: string;
  readonly taskRoot: string;
  readonly handler: string;
  /** Bytes of the bundle. */
  readonly size: number;
}

/** What is measured. */
export interface Product {
  /** The packaged functions by their names. */
  readonly functions: Readonly<Record<string, Bundle>>;
  readonly secretsManager: SecretsManager;
}

/** @throws Error where the product has no such function */
export function functionOf({ functions }: Product, name: string): Bundle {
  const found = functions[name];
  if (found === undefined) throw new Error(`the product has no function ${name}`);
  return found;
}

/** Packages the product, and unpacks its zips; the keys are functions. */
export function packageFunctions(): Record<string, Bundle> {
  const folder = join(OUTPUT, "packaged");
  const args = ["run", "package", "--", "--package", folder];
  execFileSync("npm", args, { cwd: ROOT, stdio: "pipe" });
  const zips = readdirSync(folder).filter((file) => file.endsWith(".zip"));
  return Object.fromEntries(
    zips.map((file) => {
      const name = basename(file, ".zip");
      return [name, unpack(name, readFileSync(join(folder, file)))];
    }),
  );
}

/** Bundles one of bench/functions with the product's own options for esbuild. */
export async function bundle(name: string): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "functions", `${name}.ts`)],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    write: false,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of ${name}`);
  return unpack(name, zipSync({ [`handlers/${name}.mjs`]: output.contents }, { level: 9 }));
}

function unpack(name: string, zip: Uint8Array): Bundle {
  const taskRoot = join(OUTPUT, name);
  rmSync(taskRoot, { recursive: true, force: true });
  for (const [path, content] of Object.entries(unzipSync(zip))) {
    mkdirSync(dirname(join(taskRoot, path)), { recursive: true });
    writeFileSync(join(taskRoot, path), content);
  }
  const { size } = statSync(join(taskRoot, "handlers", `${name}.mjs`));
  return { name, taskRoot, handler: `handlers/${name}.handler`, size };
}
