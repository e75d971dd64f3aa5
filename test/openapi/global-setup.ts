/** Installs schemathesis, unless it is there. */
export { installPython as setup } from "../deployed/support/tools.ts";
