import {
  GetRandomPasswordCommand,
  InvalidParameterException,
} from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { expectException, startServer } from "./support.ts";

test("answers with 32 characters by default", async () => {
  const { client } = await startServer();
  const { RandomPassword } = await client.send(new GetRandomPasswordCommand({}));
  expect(RandomPassword).toHaveLength(32);
});

test("refuses a length out of range and rules that leave nothing", async () => {
  const { client } = await startServer();
  const send = (input: object) => client.send(new GetRandomPasswordCommand(input));
  await expect(send({ PasswordLength: 4097 })).rejects.toMatchObject({
    name: "ValidationException",
    message: expect.stringContaining("less than or equal to 4096"),
  });
  await expectException(send({ PasswordLength: 3 }), InvalidParameterException, "too short");
  const allExcluded = {
    ExcludeLowercase: true,
    ExcludeUppercase: true,
    ExcludeNumbers: true,
    ExcludePunctuation: true,
  };
  await expectException(send(allExcluded), InvalidParameterException, "All characters");
  const digitsExcluded = { ExcludeCharacters: "0123456789" };
  await expectException(send(digitsExcluded), InvalidParameterException, "desired type");
});
