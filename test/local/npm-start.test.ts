import { expect, test } from "vitest";
import { messageFirst, problem } from "../../local/npm-start.js";

test.each([
  [["--httpsProtocol", "x"], "--httpsProtocol is not an option"],
  [["--prefix=foo"], "--prefix is not an option"],
  [["--noAuth"], "--noAuth is not an option"],
  [["-t"], "-t is not an option"],
  [["stray"], "stray is not an option"],
  [["--httpPort", "abc"], '--httpPort is "abc"; it must be a port'],
  [["--httpPort=0"], '--httpPort is "0"'],
  [["--httpPort", "65536"], '--httpPort is "65536"'],
  [["--httpPort"], "--httpPort has no value"],
  [["--param="], "--param has no value"],
])("%j is refused by name", (options, message) => {
  expect(problem(options)).toContain(message);
});

test("the known options pass", () => {
  const options = ["--httpPort", "65535", "--param=a=b", "--param", "c=d", "--verbose"];
  expect(problem([...options, "--stage", "dev", "--region=eu-west-1"])).toBeUndefined();
});

test("a message comes without what the framework writes before it", () => {
  const framework =
    'Error:\nCannot resolve serverless.yml: Variables resolution errored with:\n  - Cannot resolve variable at "custom.settings": Cannot resolve "settings" out of "parameters.js": Received rejection: ';
  expect(messageFirst(`${framework}originUrl is wrong.`)).toBe("originUrl is wrong.");
  expect(messageFirst("Error:\nPort 8000 is taken.\n")).toBe("Port 8000 is taken.\n");
});
