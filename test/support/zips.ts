import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { makeCheckout } from "./checkout.ts";

/** The zips that `npm run package` makes, in a copy of the project; the keys are their functions. */
export function packageZips(): Record<string, Uint8Array> {
  const { directory, remove } = makeCheckout();
  try {
    execFileSync("npm", ["run", "package"], { cwd: directory, stdio: "pipe" });
    const output = join(directory, ".serverless");
    const names = readdirSync(output).filter((name) => name.endsWith(".zip"));
    return Object.fromEntries(
      names.map((name) => [name.replace(/\.zip$/, ""), readFileSync(join(output, name))]),
    );
  } finally {
    remove();
  }
}

/** Unpacks a zip into a folder, as Lambda does. */
export function unpackZip(zip: Uint8Array, directory: string): void {
  for (const [path, content] of Object.entries(unzipSync(zip))) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
