import { once } from "node:events";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { OperatorError } from "./failures.ts";

/**
 * The master token, from the environment or from the terminal.
 *
 * @throws OperatorError when there is none, or it is nothing that a bearer token may be
 */
export async function readToken(): Promise<string> {
  const given = process.env.POCKETPAW_ACCESS_TOKEN;
  if (given === undefined && !process.stdin.isTTY) {
    throw new OperatorError(
      "POCKETPAW_ACCESS_TOKEN is not set, and there is no terminal to ask at.",
    );
  }
  const token = (given ?? (await askForToken(process.stdin, process.stderr))).trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  const found = token === "" ? "empty" : "something with a space or a character outside ASCII";
  throw new OperatorError(
    `The master token is ${found}; it must be visible ASCII. It comes from POCKETPAW_ACCESS_TOKEN, or from the prompt.`,
  );
}

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
  const [line] = await Promise.race(["line", "close"].map((event) => once(terminal, event)));
  terminal.close();
  output.write("\n");
  if (line === undefined) throw new OperatorError("No master token was typed.");
  return line;
}
