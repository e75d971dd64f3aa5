import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { askForToken } from "../../smoke/token.ts";

test.each([
  ["what is typed is the token", ["s3", "x", "\x7f", "cret", "\r"], "s3cret"],
  ["Ctrl-C ends it without one", ["\x03"], "No master token was typed."],
  ["Ctrl-D ends it without one", ["\x04"], "No master token was typed."],
])("the prompt shows nothing of what is typed: %s", async (_, keys, outcome) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const asked = askForToken(input, output).catch(({ message }: Error) => message);
  for (const key of keys) input.write(key);
  expect(await asked).toBe(outcome);
  expect(await text(output.end())).toBe("Master token (it is not shown): \n");
});
