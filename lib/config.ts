import { BadSettings } from "./errors.ts";

/** The settings (environment variables) of a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type KeyringSettings = ReturnType<typeof keyring>;
export type RegenerateSettings = ReturnType<typeof readRegenerateSettings>;

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html (Name) */
const SECRET_ID =
  /^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[\w/+=.@-]{1,519}$/;
const SECRET = "the name or ARN of a Secrets Manager secret";
/** Credentials in it would be logged. */
const BASE_URL = /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*[^\s?#\\/])?$/;
/** As a browser sends it (RFC 6454 section 6.2). */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\,*]+$/;
const DAY_SECONDS = 86_400;

/**
 * Reads the settings of the session function.
 *
 * @throws BadSettings naming each bad setting, what was found, and what is allowed; so do all that follow
 */
export function readSessionSettings(environment: Environment) {
  return read(environment, (reader) => ({
    ...keyring(reader),
    ...ttl(reader),
    ...pocketPaw(reader),
  }));
}

/** Reads the settings of the functions that decide about requests: authorizer and verify. */
export function readAuthorizerSettings(environment: Environment) {
  return read(environment, (reader) => ({
    ...keyring(reader),
    acceptsMasterToken: flag(reader, "ACCEPT_MASTER_TOKEN", true),
    ...pocketPaw(reader),
    ...pages(reader),
  }));
}

/** Reads the settings of the login function. */
export function readLoginSettings(environment: Environment) {
  return read(environment, (reader) => ({ ...keyring(reader), ...ttl(reader), ...pages(reader) }));
}

/** Reads the settings of the logout function. */
export function readLogoutSettings(environment: Environment) {
  return read(environment, pages);
}

/** Reads the settings of the qr function. */
export function readQrSettings(environment: Environment) {
  return read(environment, (reader) => ({
    ...keyring(reader),
    ...ttl(reader),
    publicUrl: baseUrl(reader, "PUBLIC_URL"),
  }));
}

/** Reads the settings of the regenerate function. */
export function readRegenerateSettings(environment: Environment) {
  return read(environment, (reader) => ({
    ...secretIds(reader),
    /** Where PocketPaw is, when one is behind the gateway; else null. */
    originUrl: baseUrl(reader, "ORIGIN_URL"),
    /** The secret that opens PocketPaw's reverse proxy; null where it needs none. */
    upstreamSecretId: setting<string | null>(
      reader,
      "UPSTREAM_SECRET_ID",
      SECRET,
      null,
      parseSecretId,
    ),
  }));
}

/** Reads the settings of the page function. */
export function readPageSettings(environment: Environment) {
  return read(environment, pocketPaw);
}

function secretIds(reader: Reader) {
  const masterTokenSecretId = secretId(reader, "MASTER_TOKEN_SECRET_ID");
  const hmacKeySecretId = secretId(reader, "HMAC_KEY_SECRET_ID");
  // With one secret for both, a leaked HMAC key would be the master token.
  if (reader.problems.length === 0 && masterTokenSecretId === hmacKeySecretId) {
    reader.problems.push(
      "HMAC_KEY_SECRET_ID is the same as MASTER_TOKEN_SECRET_ID; it must be another secret",
    );
  }
  return { masterTokenSecretId, hmacKeySecretId };
}

/** The two secrets, and how long they are kept. */
function keyring(reader: Reader) {
  const ids = secretIds(reader);
  /** How long a secret that was read is used without asking again. */
  const freshSeconds = wholeNumber(reader, "SECRETS_FRESH_SECONDS", 60, DAY_SECONDS);
  /** How long it may still be used while Secrets Manager fails. */
  const staleSeconds = wholeNumber(reader, "SECRETS_STALE_SECONDS", 900, DAY_SECONDS);
  /** How long until one more refresh may be caused by a bad token. */
  const cooldownSeconds = wholeNumber(reader, "SECRETS_COOLDOWN_SECONDS", 5, DAY_SECONDS);
  if (staleSeconds < freshSeconds) {
    reader.problems.push(
      `SECRETS_STALE_SECONDS is ${staleSeconds}; it must be at least SECRETS_FRESH_SECONDS, ` +
        `which is ${freshSeconds}`,
    );
  }
  return { ...ids, freshSeconds, staleSeconds, cooldownSeconds };
}

/** How long a session is valid. */
function ttl(reader: Reader) {
  return { sessionTtlHours: wholeNumber(reader, "SESSION_TTL_HOURS", 24, 720) };
}

function pocketPaw(reader: Reader) {
  return { hasPocketPaw: flag(reader, "HAS_POCKETPAW", false) };
}

/** The origins whose pages may use the cookie beside the request's own: that of PUBLIC_URL, and those named. */
function pages(reader: Reader) {
  const publicUrl = baseUrl(reader, "PUBLIC_URL");
  const named = origins(reader, "ALLOWED_ORIGINS");
  return { allowedOrigins: publicUrl === null ? named : [new URL(publicUrl).origin, ...named] };
}

/** Where settings are read, and what is wrong with them: the operator is told of all at once. */
interface Reader {
  readonly environment: Environment;
  readonly problems: string[];
}

function read<T>(environment: Environment, settingsIn: (reader: Reader) => T): T {
  const problems: string[] = [];
  const settings = settingsIn({ environment, problems });
  if (problems.length > 0) throw new BadSettings(problems);
  return settings;
}

/** An absent setting has its default; a bad or an empty one is a problem, and so is an absent one where required. */
function setting<T>(
  { environment, problems }: Reader,
  name: string,
  allowed: string,
  byDefault: T,
  parse: (text: string) => T | undefined,
  isRequired = false,
): T {
  const text = environment[name];
  const value = text === undefined && !isRequired ? byDefault : parse(text ?? "");
  if (value === undefined) problems.push(`${name} is ${show(text)}; it must be ${allowed}`);
  return value ?? byDefault;
}

function secretId(reader: Reader, name: string): string {
  return setting(reader, name, SECRET, "", parseSecretId, true);
}

function parseSecretId(text: string): string | undefined {
  return SECRET_ID.test(text) ? text : undefined;
}

/** In digits, from 1 on. */
function wholeNumber(reader: Reader, name: string, byDefault: number, max: number): number {
  return setting(reader, name, `a whole number from 1 to ${max}`, byDefault, (text) => {
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
    return value >= 1 && value <= max ? value : undefined;
  });
}

function flag(reader: Reader, name: string, byDefault: boolean): boolean {
  return setting(reader, name, "true or false", byDefault, (text) =>
    text === "true" || text === "false" ? text === "true" : undefined,
  );
}

/** A URL that paths are appended to; null where there is none. */
function baseUrl(reader: Reader, name: string): string | null {
  const allowed = "an http or https URL without credentials, query, fragment and slash at the end";
  return setting<string | null>(reader, name, allowed, null, (text) =>
    BASE_URL.test(text) && URL.canParse(text) ? text : undefined,
  );
}

function origins(reader: Reader, name: string): readonly string[] {
  const allowed = "origins such as https://dash.example.com, separated by commas";
  return setting<readonly string[]>(reader, name, allowed, [], (text) => {
    const found = text.split(",").map((origin) => origin.trim().toLowerCase());
    const isOrigin = (each: string) => ORIGIN.test(each) && URL.canParse(each);
    return found.every(isOrigin) ? found : undefined;
  });
}

/** What was found, cut short: an operator may have pasted the secret itself instead of its name. */
function show(text: string | undefined): string {
  if (text === undefined) return "not set";
  if (text === "") return "empty";
  return JSON.stringify(text.length > 12 ? `${text.slice(0, 4)}…` : text);
}
