import { optionalBoolean, optionalInteger } from "../input.ts";
import type { Operation, Outcome } from "./operation.ts";

const DEFAULT_LENGTH = 32;
const MAX_LENGTH = 4096;
const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/**
 * Each character is as likely as any other. AWS also sees to it that each type of character occurs.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 */
export const getRandomPassword: Operation = (state, input, { randomInt }): Outcome => {
  const length = optionalInteger(input, "PasswordLength", MAX_LENGTH) ?? DEFAULT_LENGTH;
  const excludePunctuation = optionalBoolean(input, "ExcludePunctuation") ?? false;
  const pool = LETTERS_AND_DIGITS + (excludePunctuation ? "" : PUNCTUATION);
  const characters = Array.from({ length }, () => pool.charAt(randomInt(pool.length)));
  return { state, output: { RandomPassword: characters.join("") } };
};
