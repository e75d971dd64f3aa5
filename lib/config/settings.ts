import { BadSettings } from "../errors.ts";

/** One setting (environment variable): what is allowed, in words for the operator and as a parser. */
export interface Setting<T> {
  readonly name: string;
  /** Completes "it must be …". */
  readonly allowed: string;
  /** Undefined for a text that is not allowed. */
  readonly parse: (text: string) => T | undefined;
  /** What an absent setting means; without it, the setting is required. */
  readonly byDefault?: T;
}

export type Environment = Readonly<Record<string, string | undefined>>;

type Values<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/**
 * Reads settings. An absent one has its default, and is a problem where it has none; one that is
 * present must be allowed, and an empty one is not.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed
 */
export function readSettings<S extends Record<string, Setting<unknown>>>(
  settings: S,
  environment: Environment,
): Values<S> {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([key, { name, allowed, parse, byDefault }]) => {
    const text = environment[name];
    const value = text === undefined ? byDefault : parse(text);
    if (value === undefined) problems.push(`${name} is ${show(text)}; it must be ${allowed}`);
    return [key, value];
  });
  if (problems.length > 0) throw new BadSettings(problems);
  return Object.fromEntries(values);
}

/** What was found, cut short: an operator may have pasted the secret itself instead of its name. */
function show(text: string | undefined): string {
  if (text === undefined) return "not set";
  if (text === "") return "empty";
  return JSON.stringify(text.length > 12 ? `${text.slice(0, 4)}…` : text);
}
