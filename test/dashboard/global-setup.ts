import type { TestProject } from "vitest/node";
import { findPython, installPython } from "../deployed/support/tools.ts";
import { findChromium, installPackages } from "./support/install.ts";
import { type StackInfo, startStack } from "./support/stack.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The program to start Chromium with. */
    chromium: string;
    /** The gateway with a PocketPaw behind it that the tests share: none may end its sessions. */
    stack: StackInfo;
  }
}

/** Installs what is not there yet, and starts the gateway and the PocketPaw that the tests share. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let tools: { readonly python: string; readonly chromium: string };
  try {
    tools = { python: findPython(), chromium: findChromium() };
  } catch (error) {
    // One line, where vitest would print a page.
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  await Promise.all([installPython(tools.python), installPackages()]);
  const stack = await startStack();
  project.provide("chromium", tools.chromium);
  const { url, masterToken, home, pocketPawUrl } = stack;
  project.provide("stack", { url, masterToken, home, pocketPawUrl });
  return stack.stop;
}
