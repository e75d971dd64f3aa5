import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { makeCheckout, makeFolder } from "./checkout.ts";

/** The functions as `npm run package` makes them, unpacked as Lambda unpacks them. */
export interface Packaged {
  /** The path of a function's handler. */
  bundleOf: (functionName: string) => string;
  remove: () => void;
}

/** Packages all functions in a copy of the project, and unpacks each into a folder of its own outside. */
export function packageFunctions(): Packaged {
  const checkout = makeCheckout();
  const { directory, remove } = makeFolder();
  execFileSync("npm", ["run", "package"], { cwd: checkout.directory, stdio: "pipe" });
  const output = join(checkout.directory, ".serverless");
  for (const zip of readdirSync(output).filter((name) => name.endsWith(".zip"))) {
    const files = unzipSync(readFileSync(join(output, zip)));
    for (const [path, content] of Object.entries(files)) {
      const file = join(directory, zip.replace(/\.zip$/, ""), path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }
  checkout.remove();
  return {
    bundleOf: (functionName) => join(directory, functionName, "handlers", `${functionName}.mjs`),
    remove,
  };
}
