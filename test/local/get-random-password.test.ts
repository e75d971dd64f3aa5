import { GetRandomPasswordCommand } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { startServer } from "./support.ts";

async function startPasswords() {
  const { client } = await startServer();
  return async (input: object) =>
    (await client.send(new GetRandomPasswordCommand(input))).RandomPassword ?? "";
}

test("responds with 32 characters, or as many as asked for, and each time with others", async () => {
  const password = await startPasswords();
  expect(await password({})).toHaveLength(32);
  expect(await password({ PasswordLength: 1 })).toHaveLength(1);
  expect(await password({ PasswordLength: 48 })).not.toBe(await password({ PasswordLength: 48 }));
});

test("every letter, digit and, unless it is excluded, punctuation character occurs", async () => {
  const password = await startPasswords();
  const characters = async (input: object) =>
    new Set(await password({ PasswordLength: 4096, ...input }));
  expect((await characters({})).size).toBe(94);
  const plain = await characters({ ExcludePunctuation: true });
  expect([...plain].sort().join("")).toBe(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
  );
});

test.each([0, 4097, -1, 1.5, "32"])("refuses the length %j", async (PasswordLength) => {
  const password = await startPasswords();
  await expect(password({ PasswordLength })).rejects.toMatchObject({
    name: expect.stringMatching(/^(Validation|Serialization)Exception$/),
  });
});

test.each(["ExcludeCharacters", "ExcludeNumbers", "RequireEachIncludedType"])(
  "refuses %s rather than ignoring it",
  async (field) => {
    const password = await startPasswords();
    await expect(password({ [field]: field === "ExcludeCharacters" ? "a" : true })).rejects.toThrow(
      `The embedded Secrets Manager does not support ${field}.`,
    );
  },
);
