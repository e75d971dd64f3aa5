import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { makeCheckout } from "../support/checkout.ts";

/** The functions as `npm run package` makes them, unpacked as Lambda unpacks them. */
export interface Packaged {
  /** The path of a function's handler. */
  bundleOf: (functionName: string) => string;
  remove: () => void;
}

/** Packages all functions, in a copy of the project. */
export function packageFunctions(): Packaged {
  const { directory, remove } = makeCheckout();
  execFileSync("npm", ["run", "package"], { cwd: directory, stdio: "pipe" });
  const zips = join(directory, ".serverless");
  for (const zip of readdirSync(zips).filter((name) => name.endsWith(".zip"))) {
    for (const [path, content] of Object.entries(unzipSync(readFileSync(join(zips, zip))))) {
      const file = join(zips, zip.replace(/\.zip$/, ""), path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
  return {
    bundleOf: (functionName) => join(zips, functionName, "handlers", `${functionName}.mjs`),
    remove,
  };
}
