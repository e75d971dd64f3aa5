import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { OperatorError } from "./failures.ts";

/**
 * Asks for the master token without showing what is typed.
 *
 * @param input the terminal, in which no character is echoed while this runs
 * @param output where the question goes
 * @throws OperatorError when the input ends first, or on Ctrl-C
 */
export async function askForToken(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<string> {
  output.write("Master token (it is not shown): ");
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  // A terminal in raw mode does not echo; readline would, to its output.
  const terminal = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise<string>((resolve, reject) => {
      terminal.once("line", resolve);
      terminal.once("close", () => reject(new OperatorError("No master token was typed.")));
    });
  } finally {
    terminal.close();
    output.write("\n");
  }
}
