import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { givenToken, tokenFile, watchTokenFile } from "../../local/master-token.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "./support.ts";

/** A home with PocketPaw's folder in it, and its token file if there is a text for it. */
async function homeWith(accessToken?: string): Promise<string> {
  const home = await temporaryDirectory();
  await mkdir(join(home, ".pocketpaw"));
  if (accessToken !== undefined) await writeFile(tokenFile(home), accessToken);
  return home;
}

test("POCKETPAW_ACCESS_TOKEN wins over the file; with neither there is no token", async () => {
  const environment = { POCKETPAW_ACCESS_TOKEN: "from-the-environment" };
  expect(givenToken(environment, await homeWith("from-the-file"))).toBe("from-the-environment");
  expect(givenToken({}, await homeWith("from-the-file\n"))).toBe("from-the-file");
  expect(givenToken({}, await homeWith())).toBeUndefined();
  expect(givenToken({}, await temporaryDirectory())).toBeUndefined();
});

test.each(["", " \n", "two words", "ünïcode"])(
  "POCKETPAW_ACCESS_TOKEN=%j is refused by name, without its value",
  async (token) => {
    const given = async () => givenToken({ POCKETPAW_ACCESS_TOKEN: token }, await homeWith());
    const error = await given().catch((reason: unknown) => reason);
    expect(String(error)).toContain("POCKETPAW_ACCESS_TOKEN");
    if (token.trim() !== "") expect(String(error)).not.toContain(token);
  },
);

test.each<[string, string, (file: string) => Promise<unknown>]>([
  ["a folder", " cannot be read: EISDIR", (file) => mkdir(file)],
  ["empty", " cannot be used: ", (file) => writeFile(file, "\n")],
  ["a link into nothing", " cannot be read: ENOENT", (file) => symlink("/nowhere", file)],
  ["a link to itself", " cannot be read: ELOOP", (file) => symlink(file, file)],
])("a token file that is %s is refused by name, with what to do", async (_, problem, make) => {
  const home = await homeWith();
  await make(tokenFile(home));
  const error = await Promise.resolve()
    .then(() => givenToken({}, home))
    .catch((reason: unknown) => reason);
  expect(String(error)).toContain(tokenFile(home) + problem);
  expect(String(error)).toContain("Set POCKETPAW_ACCESS_TOKEN");
});

test("a token file that appears is read once, when there is a usable token in it", async () => {
  const home = await homeWith();
  const seen: string[] = [];
  onTestFinished(watchTokenFile(tokenFile(home), (token) => seen.push(token)).stop);
  await writeFile(tokenFile(home), "");
  await writeFile(tokenFile(home), "made-by-pocketpaw");
  await eventually(() => seen.length > 0);
  expect(seen).toEqual(["made-by-pocketpaw"]);
  await rm(tokenFile(home));
});
