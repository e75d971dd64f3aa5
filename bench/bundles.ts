import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { packageZips, unpackZip } from "../test/support/zips.ts";

/** A function as Lambda has it: an unpacked zip, and the name of the handler in it. */
export interface Bundle {
  name: string;
  taskRoot: string;
  handler: string;
  /** Bytes of the bundle, and of the zip. */
  size: number;
  zippedSize: number;
}

const EMPTY_CHAIN = join(import.meta.dirname, "functions", "no-credential-chain.ts");
const OUTPUT = join(import.meta.dirname, ".build");

/** Packages the product as `npm run package` does, and unpacks its zips; the keys are functions. */
export function packageProduct(): Record<string, Bundle> {
  const zips = Object.entries(packageZips());
  return Object.fromEntries(zips.map(([name, zip]) => [name, unpack(name, zip)]));
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
    // Lambda hands over credentials in the environment: the chain that looks for others can go.
    alias: name === "sdk-trimmed" ? { "@aws-sdk/credential-provider-node": EMPTY_CHAIN } : {},
    // Some of the peers' dependencies are CommonJS modules that require Node's own.
    banner:
      name === "typical"
        ? {
            js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);',
          }
        : {},
    write: false,
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of ${name}`);
  return unpack(name, zipSync({ [`handlers/${name}.mjs`]: output.contents }, { level: 9 }));
}

function unpack(name: string, zip: Uint8Array): Bundle {
  const taskRoot = join(OUTPUT, name);
  rmSync(taskRoot, { recursive: true, force: true });
  unpackZip(zip, taskRoot);
  const handler = `handlers/${name}.handler`;
  const { size } = statSync(join(taskRoot, "handlers", `${name}.mjs`));
  return { name, taskRoot, handler, size, zippedSize: zip.length };
}
