import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { makeCheckout } from "./checkout.ts";

/** The functions as `npm run package` makes them, unpacked as Lambda unpacks them. */
export interface Packaged {
  /** The path of a function's handler. */
  bundleOf: (functionName: string) => string;
  remove: () => void;
}

/** Packages all functions in a copy of the project, and unpacks each into a folder of its own. */
export function packageFunctions(): Packaged {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-packaged-"));
  const checkout = makeCheckout();
  try {
    execFileSync("npm", ["run", "package"], { cwd: checkout.directory, stdio: "pipe" });
    const output = join(checkout.directory, ".serverless");
    for (const name of readdirSync(output).filter((file) => file.endsWith(".zip"))) {
      for (const [path, content] of Object.entries(unzipSync(readFileSync(join(output, name))))) {
        const file = join(directory, name.replace(/\.zip$/, ""), path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
  } finally {
    checkout.remove();
  }
  return {
    bundleOf: (functionName) => join(directory, functionName, "handlers", `${functionName}.mjs`),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
