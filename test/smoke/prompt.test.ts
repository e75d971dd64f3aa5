import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { askForToken } from "../../smoke/prompt.ts";

/** A terminal's two directions; `shown` is all that it was told to show. */
function openTerminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = "";
  output.on("data", (chunk: Buffer) => {
    shown += chunk;
  });
  return { input, output, shown: () => shown };
}

test("what is typed at the prompt is the token, and nothing of it is shown", async () => {
  const { input, output, shown } = openTerminal();
  const asked = askForToken(input, output);
  for (const key of ["s3", "x", "\x7f", "cret", "\r"]) input.write(key);
  expect(await asked).toBe("s3cret");
  expect(shown()).toBe("Master token (it is not shown): \n");
});

test.each([
  ["Ctrl-C", "\x03"],
  ["Ctrl-D", "\x04"],
])("%s ends it without a token", async (_, key) => {
  const { input, output } = openTerminal();
  const asked = askForToken(input, output);
  input.write(key);
  await expect(asked).rejects.toThrow("No master token was typed.");
});
