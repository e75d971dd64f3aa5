import { BadSettings } from "./errors.ts";

/** The settings (environment variables) of a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One setting: what is allowed, in words for the operator and as a parser. */
interface Setting<T> {
  readonly name: string;
  /** Completes "it must be …". */
  readonly allowed: string;
  /** Undefined for a text that is not allowed. */
  readonly parse: (text: string) => T | undefined;
  /** What an absent setting means; without it, the setting is required. */
  readonly byDefault?: T;
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html (Name) */
const SECRET_ID =
  /^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[\w/+=.@-]{1,519}$/;
/** Credentials in it would be logged. */
const BASE_URL = /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*[^\s?#\\/])?$/;
/** As a browser sends it (RFC 6454 section 6.2). */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\,*]+$/;
const DAY_SECONDS = 86_400;

/** The two secrets, and how long they are kept. */
const KEYRING = {
  masterTokenSecretId: secretId("MASTER_TOKEN_SECRET_ID"),
  hmacKeySecretId: secretId("HMAC_KEY_SECRET_ID"),
  /** How long a secret that was read is used without asking again. */
  secretsFreshSeconds: wholeNumber("SECRETS_FRESH_SECONDS", 60, DAY_SECONDS),
  /** How long it may still be used while Secrets Manager fails. */
  secretsStaleSeconds: wholeNumber("SECRETS_STALE_SECONDS", 900, DAY_SECONDS),
  /** How long until one more refresh may be caused by a bad token. */
  secretsCooldownSeconds: wholeNumber("SECRETS_COOLDOWN_SECONDS", 5, DAY_SECONDS),
};
/** How long a session is valid. */
const TTL = { sessionTtlHours: wholeNumber("SESSION_TTL_HOURS", 24, 720) };
const POCKETPAW = { hasPocketPaw: flag("HAS_POCKETPAW", false) };
/** Where browsers find the gateway; null: at the request's own host. */
const PUBLIC_URL = { publicUrl: baseUrl("PUBLIC_URL") };
const ORIGINS = { ...PUBLIC_URL, allowedOrigins: origins("ALLOWED_ORIGINS") };

export type KeyringSettings = Settings<typeof KEYRING>;

/**
 * Reads the settings of the session function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed; so do all that follow
 */
export function readSessionSettings(environment: Environment) {
  return readChecked({ ...KEYRING, ...TTL, ...POCKETPAW }, environment);
}

/** Reads the settings of the functions that decide about requests: authorizer and verify. */
export function readAuthorizerSettings(environment: Environment) {
  const acceptsMasterToken = flag("ACCEPT_MASTER_TOKEN", true);
  const own = { acceptsMasterToken, ...POCKETPAW, ...ORIGINS };
  return withPublicOrigin(readChecked({ ...KEYRING, ...own }, environment));
}

/** Reads the settings of the login function. */
export function readLoginSettings(environment: Environment) {
  return withPublicOrigin(readChecked({ ...KEYRING, ...TTL, ...ORIGINS }, environment));
}

/** Reads the settings of the logout function. */
export function readLogoutSettings(environment: Environment) {
  return withPublicOrigin(read(ORIGINS, environment));
}

/** Reads the settings of the qr function. */
export function readQrSettings(environment: Environment) {
  return readChecked({ ...KEYRING, ...TTL, ...PUBLIC_URL }, environment);
}

/** Reads the settings of the regenerate function. */
export function readRegenerateSettings(environment: Environment) {
  const { masterTokenSecretId, hmacKeySecretId } = KEYRING;
  /** The secret that opens PocketPaw's reverse proxy; null where it needs none. */
  const upstreamSecretId = { ...secretId("UPSTREAM_SECRET_ID"), byDefault: null };
  const own = { originUrl: baseUrl("ORIGIN_URL"), upstreamSecretId };
  return readChecked({ masterTokenSecretId, hmacKeySecretId, ...own }, environment);
}

/** Reads the settings of the page function. */
export function readPageSettings(environment: Environment) {
  return read(POCKETPAW, environment);
}

type Definitions = Readonly<Record<string, Setting<unknown>>>;
type Settings<D> = { readonly [K in keyof D]: D[K] extends Setting<infer T> ? T : never };

/** An absent setting has its default, and is a problem where it has none; an empty one is not allowed. */
function read<D extends Definitions>(definitions: D, environment: Environment): Settings<D> {
  const problems: string[] = [];
  const values = Object.entries(definitions).map(([key, { name, allowed, parse, byDefault }]) => {
    const text = environment[name];
    const value = text === undefined ? byDefault : parse(text);
    if (value === undefined) problems.push(`${name} is ${show(text)}; it must be ${allowed}`);
    return [key, value];
  });
  if (problems.length > 0) throw new BadSettings(problems);
  return Object.fromEntries(values);
}

/** With the rules that concern two settings. */
function readChecked<D extends Definitions>(definitions: D, environment: Environment): Settings<D> {
  const settings = read(definitions, environment);
  const { masterTokenSecretId, hmacKeySecretId, secretsFreshSeconds, secretsStaleSeconds } =
    settings as Partial<KeyringSettings>;
  const problems: string[] = [];
  // With one secret for both, a leaked HMAC key would be the master token.
  if (masterTokenSecretId === hmacKeySecretId) {
    problems.push(
      "HMAC_KEY_SECRET_ID is the same as MASTER_TOKEN_SECRET_ID; it must be another secret",
    );
  }
  if (Number(secretsStaleSeconds) < Number(secretsFreshSeconds)) {
    problems.push(
      `SECRETS_STALE_SECONDS is ${secretsStaleSeconds}; it must be at least ` +
        `SECRETS_FRESH_SECONDS, which is ${secretsFreshSeconds}`,
    );
  }
  if (problems.length > 0) throw new BadSettings(problems);
  return settings;
}

/** The gateway's own pages may use the cookie wherever a request arrives. */
function withPublicOrigin<
  S extends { readonly publicUrl: string | null; readonly allowedOrigins: readonly string[] },
>(settings: S): S {
  const { publicUrl, allowedOrigins } = settings;
  if (publicUrl === null) return settings;
  return { ...settings, allowedOrigins: [new URL(publicUrl).origin, ...allowedOrigins] };
}

function secretId(name: string): Setting<string> {
  return {
    name,
    allowed: "the name or ARN of a Secrets Manager secret",
    parse: (text) => (SECRET_ID.test(text) ? text : undefined),
  };
}

/** In digits, from 1 on. */
function wholeNumber(name: string, byDefault: number, max: number): Setting<number> {
  return {
    name,
    allowed: `a whole number from 1 to ${max}`,
    byDefault,
    parse: (text) => {
      const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
      return value >= 1 && value <= max ? value : undefined;
    },
  };
}

function flag(name: string, byDefault: boolean): Setting<boolean> {
  return {
    name,
    allowed: "true or false",
    byDefault,
    parse: (text) => (text === "true" || text === "false" ? text === "true" : undefined),
  };
}

/** A URL that paths are appended to; null where there is none. */
function baseUrl(name: string): Setting<string | null> {
  return {
    name,
    allowed: "an http or https URL without credentials, query, fragment and slash at the end",
    byDefault: null,
    parse: (text) => (BASE_URL.test(text) && URL.canParse(text) ? text : undefined),
  };
}

function origins(name: string): Setting<readonly string[]> {
  return {
    name,
    allowed: "origins such as https://dash.example.com, separated by commas",
    byDefault: [],
    parse: (text) => {
      const found = text.split(",").map((origin) => origin.trim().toLowerCase());
      return found.every((origin) => ORIGIN.test(origin) && URL.canParse(origin))
        ? found
        : undefined;
    },
  };
}

/** What was found, cut short: an operator may have pasted the secret itself instead of its name. */
function show(text: string | undefined): string {
  if (text === undefined) return "not set";
  if (text === "") return "empty";
  return JSON.stringify(text.length > 12 ? `${text.slice(0, 4)}…` : text);
}
