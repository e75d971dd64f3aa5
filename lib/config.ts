/** The functions' settings; durations carry their unit in their names. */
export interface Config {
  readonly masterTokenSecretId: string;
  readonly hmacKeySecretId: string;
  /** How long a session token is valid. */
  readonly sessionTtlHours: number;
  /** How long a read secret is used without asking again. */
  readonly secretsFreshSeconds: number;
  /** How long it may still be used while Secrets Manager fails. */
  readonly secretsStaleSeconds: number;
  /** The least time between refreshes that a bad token can cause. */
  readonly secretsCooldownSeconds: number;
  readonly acceptMasterToken: boolean;
  /** Set where a PocketPaw stands behind the gateway: its tokens are accepted, and made for it. */
  readonly acceptNativeTokens: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_SECONDS = 86_400;

/**
 * Reads the settings from environment variables. One that is absent takes its default, where it has
 * one; one that is there must be right, and an empty one is not.
 *
 * @throws Error naming each bad variable, what was found, and what it takes
 */
export function readConfig(environment: Environment = process.env): Config {
  const problems: string[] = [];

  function read<T>(name: string, takes: string, parse: (text: string) => T | undefined): T {
    const text = environment[name];
    const value = text === undefined ? undefined : parse(text);
    if (value === undefined) {
      problems.push(`${name} is ${text === undefined ? "not set" : show(text)}; it takes ${takes}`);
    }
    // When there is a problem, nobody gets to see the value: readConfig throws.
    return value as T;
  }
  const secretId = (name: string): string =>
    read(name, "the name or ARN of a Secrets Manager secret", parseSecretId);
  const wholeNumber = (name: string, byDefault: number, min: number, max: number): number =>
    environment[name] === undefined
      ? byDefault
      : read(name, `a whole number from ${min} to ${max}`, parseWholeNumber(min, max));
  const flag = (name: string, byDefault: boolean): boolean =>
    environment[name] === undefined ? byDefault : read(name, "true or false", parseFlag);

  const config: Config = {
    masterTokenSecretId: secretId("MASTER_TOKEN_SECRET_ID"),
    hmacKeySecretId: secretId("HMAC_KEY_SECRET_ID"),
    sessionTtlHours: wholeNumber("SESSION_TTL_HOURS", 24, 1, 720),
    secretsFreshSeconds: wholeNumber("SECRETS_FRESH_SECONDS", 60, 1, MAX_SECONDS),
    secretsStaleSeconds: wholeNumber("SECRETS_STALE_SECONDS", 900, 1, MAX_SECONDS),
    secretsCooldownSeconds: wholeNumber("SECRETS_COOLDOWN_SECONDS", 5, 1, MAX_SECONDS),
    acceptMasterToken: flag("ACCEPT_MASTER_TOKEN", true),
    acceptNativeTokens: flag("ACCEPT_NATIVE_TOKENS", false),
  };
  if (config.secretsStaleSeconds < config.secretsFreshSeconds) {
    problems.push(
      `SECRETS_STALE_SECONDS is ${config.secretsStaleSeconds}; it takes at least ` +
        `SECRETS_FRESH_SECONDS, which is ${config.secretsFreshSeconds}`,
    );
  }
  if (problems.length > 0) throw new Error(`Bad configuration: ${problems.join(". ")}.`);
  return config;
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html (Name) */
const SECRET_NAME = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
const SECRET_ARN =
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}$/;

function parseSecretId(text: string): string | undefined {
  return SECRET_NAME.test(text) || SECRET_ARN.test(text) ? text : undefined;
}

function parseWholeNumber(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  };
}

function parseFlag(text: string): boolean | undefined {
  return text === "true" || text === "false" ? text === "true" : undefined;
}

/** What was found, cut short: somebody may have pasted the secret itself where its name belongs. */
function show(text: string): string {
  return text === "" ? "empty" : JSON.stringify(text.length > 12 ? `${text.slice(0, 4)}…` : text);
}
