/** One environment variable: what it takes, in words for the operator and as a parser. */
export interface Variable<T> {
  readonly name: string;
  /** Completes "it takes …". */
  readonly takes: string;
  /** Undefined for a text that will not do. */
  readonly parse: (text: string) => T | undefined;
  /** What an absent variable means; without it, the variable must be set. */
  readonly byDefault?: T;
}

export type Environment = Readonly<Record<string, string | undefined>>;

type Values<V> = { readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never };

/**
 * Reads environment variables. An absent one takes its default, and is a problem where it has none;
 * one that is there must be right, and an empty one is not.
 *
 * @throws Error naming each bad variable, what was found, and what it takes
 */
export function readVariables<V extends Record<string, Variable<unknown>>>(
  variables: V,
  environment: Environment,
): Values<V> {
  const problems: string[] = [];
  const values = Object.entries(variables).map(([key, { name, takes, parse, byDefault }]) => {
    const text = environment[name];
    const value = text === undefined ? byDefault : parse(text);
    if (value === undefined) problems.push(`${name} is ${show(text)}; it takes ${takes}`);
    return [key, value];
  });
  if (problems.length > 0) throw badConfiguration(problems);
  return Object.fromEntries(values);
}

/** What a module throws at its load, so that nothing runs on a setting that nobody meant. */
export function badConfiguration(problems: readonly string[]): Error {
  return new Error(`Bad configuration: ${problems.join(". ")}.`);
}

/** The name or the ARN of a secret, as Secrets Manager spells them; without a default. */
export function secretId(name: string): Variable<string> {
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html (Name)
  const pattern =
    /^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[\w/+=.@-]{1,519}$/;
  return {
    name,
    takes: "the name or ARN of a Secrets Manager secret",
    parse: (text) => (pattern.test(text) ? text : undefined),
  };
}

/** A whole number in digits, `min` and `max` included. */
export function wholeNumber(
  name: string,
  byDefault: number,
  [min, max]: readonly [number, number],
): Variable<number> {
  return {
    name,
    takes: `a whole number from ${min} to ${max}`,
    byDefault,
    parse: (text) => {
      const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** `true` or `false`, in these words alone. */
export function flag(name: string, byDefault: boolean): Variable<boolean> {
  return {
    name,
    takes: "true or false",
    byDefault,
    parse: (text) => (text === "true" || text === "false" ? text === "true" : undefined),
  };
}

/** What was found, cut short: somebody may have pasted the secret itself where its name belongs. */
function show(text: string | undefined): string {
  if (text === undefined) return "not set";
  if (text === "") return "empty";
  return JSON.stringify(text.length > 12 ? `${text.slice(0, 4)}…` : text);
}
