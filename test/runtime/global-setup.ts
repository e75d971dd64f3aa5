/** Installs Node 24 and the Lambda runtime client, where they are not there yet. */
export { installNode24 as setup } from "../deployed/support/tools.ts";
