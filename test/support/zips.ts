import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { makeCheckout } from "./checkout.ts";

/** The zips that `npm run package` makes, in a copy of the project; the keys are their functions. */
export function packageZips(): Record<string, Uint8Array> {
  return packageProject({}, (output) => {
    const names = readdirSync(output).filter((name) => name.endsWith(".zip"));
    return Object.fromEntries(
      names.map((name) => [name.replace(/\.zip$/, ""), readFileSync(join(output, name))]),
    );
  });
}

/** The template of the whole stack that `npm run package` makes with these parameters, parsed. */
export function packageTemplate(parameters: Readonly<Record<string, string>>): unknown {
  return packageProject(parameters, (output) =>
    JSON.parse(readFileSync(join(output, "cloudformation-template-update-stack.json"), "utf8")),
  );
}

function packageProject<T>(
  parameters: Readonly<Record<string, string>>,
  read: (output: string) => T,
): T {
  const { directory, remove } = makeCheckout();
  const given = Object.entries(parameters).map(([name, value]) => `--param=${name}=${value}`);
  try {
    execFileSync("npm", ["run", "package", "--", ...given], { cwd: directory, stdio: "pipe" });
    return read(join(directory, ".serverless"));
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
