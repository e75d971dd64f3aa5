import { optionalBoolean, optionalInteger, optionalString } from "../input.ts";
import { randomPassword } from "../random-password.ts";
import type { Operation, Outcome } from "./operation.ts";

const DEFAULT_LENGTH = 32;
const MAX_LENGTH = 4096;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
export const getRandomPassword: Operation = (state, input, { randomInt }): Outcome => {
  const flag = (field: string) => optionalBoolean(input, field) ?? false;
  const rules = {
    passwordLength: optionalInteger(input, "PasswordLength", MAX_LENGTH) ?? DEFAULT_LENGTH,
    excludeCharacters: optionalString(input, "ExcludeCharacters") ?? "",
    excludeLowercase: flag("ExcludeLowercase"),
    excludeUppercase: flag("ExcludeUppercase"),
    excludeNumbers: flag("ExcludeNumbers"),
    excludePunctuation: flag("ExcludePunctuation"),
    includeSpace: flag("IncludeSpace"),
    requireEachIncludedType: optionalBoolean(input, "RequireEachIncludedType") ?? true,
  };
  return { state, output: { RandomPassword: randomPassword(rules, randomInt) } };
};
