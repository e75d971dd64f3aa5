import { installNode24 } from "../deployed/support/tools.ts";

/** Installs Node 24 and the Lambda runtime client, where they are not there yet. */
export function setup(): Promise<void> {
  return installNode24();
}
