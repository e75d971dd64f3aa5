import { invalidParameter } from "./errors.ts";

/** Which characters a password is made of; the names are GetRandomPassword's. */
export interface PasswordRules {
  readonly passwordLength: number;
  readonly excludeCharacters: string;
  readonly excludeLowercase: boolean;
  readonly excludeUppercase: boolean;
  readonly excludeNumbers: boolean;
  readonly excludePunctuation: boolean;
  readonly includeSpace: boolean;
  /** At least one of each type that is not excluded; a space is no type. */
  readonly requireEachIncludedType: boolean;
}

const LOWERCASE = "abcdefghijklmnopqrstuvwxyz";
const UPPERCASE = LOWERCASE.toUpperCase();
const NUMBERS = "0123456789";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/**
 * A random password.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 *
 * @param randomInt a whole number from 0 up to and without its argument, each as likely
 * @throws ServiceError InvalidParameterException when no such password exists
 */
export function randomPassword(rules: PasswordRules, randomInt: (below: number) => number): string {
  const excluded = new Set(rules.excludeCharacters);
  const allowed = (characters: string) => [...characters].filter((one) => !excluded.has(one));
  const types = [
    ...(rules.excludeLowercase ? [] : [allowed(LOWERCASE)]),
    ...(rules.excludeUppercase ? [] : [allowed(UPPERCASE)]),
    ...(rules.excludeNumbers ? [] : [allowed(NUMBERS)]),
    ...(rules.excludePunctuation ? [] : [allowed(PUNCTUATION)]),
  ];
  const pool = [...types.flat(), ...allowed(rules.includeSpace ? " " : "")];
  const required = rules.requireEachIncludedType ? types : [];

  if (pool.length === 0) {
    throw invalidParameter("All characters have been excluded from selection.");
  }
  if (required.some((type) => type.length === 0)) {
    throw invalidParameter("All characters of the desired type have been excluded.");
  }
  if (rules.passwordLength < required.length) {
    throw invalidParameter("Password length is too short based on the required types.");
  }

  const pick = (characters: readonly string[]) => characters[randomInt(characters.length)] ?? "";
  const characters = required.map(pick);
  while (characters.length < rules.passwordLength) characters.push(pick(pool));
  return shuffle(characters, randomInt).join("");
}

/** Fisher and Yates: without it, the required types would stand first. */
function shuffle(characters: readonly string[], randomInt: (below: number) => number): string[] {
  const rest = [...characters];
  const shuffled: string[] = [];
  while (rest.length > 0) shuffled.push(...rest.splice(randomInt(rest.length), 1));
  return shuffled;
}
