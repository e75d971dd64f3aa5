import type { Setting } from "./settings.ts";

/**
 * The name or the ARN of a secret; required.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html (Name)
 */
export function secretId(name: string): Setting<string> {
  const pattern =
    /^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[\w/+=.@-]{1,519}$/;
  return {
    name,
    allowed: "the name or ARN of a Secrets Manager secret",
    parse: (text) => (pattern.test(text) ? text : undefined),
  };
}

/** The same, where there may be none: null. */
export function optionalSecretId(name: string): Setting<string | null> {
  return { ...secretId(name), byDefault: null };
}

/** A whole number in digits, `min` and `max` included. */
export function wholeNumber(
  name: string,
  byDefault: number,
  [min, max]: readonly [number, number],
): Setting<number> {
  return {
    name,
    allowed: `a whole number from ${min} to ${max}`,
    byDefault,
    parse: (text) => {
      const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** Exactly `true` or `false`. */
export function flag(name: string, byDefault: boolean): Setting<boolean> {
  return {
    name,
    allowed: "true or false",
    byDefault,
    parse: (text) => (text === "true" || text === "false" ? text === "true" : undefined),
  };
}

/** A URL that paths are appended to; null where there is none. Credentials in it would be logged. */
export function baseUrl(name: string): Setting<string | null> {
  const pattern = /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*[^\s?#\\/])?$/;
  return {
    name,
    allowed: "an http or https URL without credentials, query, fragment and slash at the end",
    byDefault: null,
    parse: (text) => (pattern.test(text) && URL.canParse(text) ? text : undefined),
  };
}

/** Origins as a browser sends them (RFC 6454 section 6.2), separated by commas; none by default. */
export function origins(name: string): Setting<readonly string[]> {
  const pattern = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\,*]+$/;
  return {
    name,
    allowed: "origins such as https://dash.example.com, separated by commas",
    byDefault: [],
    parse: (text) => {
      const found = text.split(",").map((origin) => origin.trim().toLowerCase());
      return found.every((origin) => pattern.test(origin) && URL.canParse(origin))
        ? found
        : undefined;
    },
  };
}
