import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageZips, unpackZip } from "./zips.ts";

/** The functions as `npm run package` makes them, unpacked as Lambda unpacks them. */
export interface Packaged {
  /** The path of a function's handler. */
  bundleOf: (functionName: string) => string;
  remove: () => void;
}

/** Packages all functions, and unpacks each into a folder of its own. */
export function packageFunctions(): Packaged {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-packaged-"));
  for (const [name, zip] of Object.entries(packageZips())) unpackZip(zip, join(directory, name));
  return {
    bundleOf: (functionName) => join(directory, functionName, "handlers", `${functionName}.mjs`),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
