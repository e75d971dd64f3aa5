import { findPython, installPython } from "../deployed/support/tools.ts";

/** Installs schemathesis, unless it is there. */
export async function setup(): Promise<void> {
  await installPython(findPython());
}
