import { createSecretKey, type KeyObject } from "node:crypto";
import { isNamed } from "../errors.ts";
import { deriveSessionKey, sha256 } from "../tokens/session-key.ts";
import { type Cached, createCached } from "./cache.ts";
import { parseHmacKey, parseMasterToken, UnusableSecret } from "./values.ts";

/** What one pair of master token and HMAC key makes. */
export interface Keys {
  /** SHA-256 of the master token. */
  readonly masterDigest: Buffer;
  /** Signs and verifies our session tokens. */
  readonly session: KeyObject;
  /** Signs and verifies PocketPaw's own: its HMAC key is the master token itself. */
  readonly native: KeyObject;
  /**
   * The session key under the HMAC key before this one, or undefined when there is none; read once
   * somebody asks. Rejects when it cannot be read.
   */
  readonly previousSession: () => Promise<KeyObject | undefined>;
}

export interface Keyring {
  /** The keys now; the same object for as long as the secrets are the same. Rejects without any. */
  current: () => Promise<Keys>;
  /**
   * For a caller whom `seen` refused: the secrets may just have changed. Reads them again unless
   * that was done for another refusal less than the cooldown ago; answers with the keys now.
   */
  renew: (seen: Keys) => Promise<Keys>;
}

/** Reads one version of a secret, by its staging label. Rejects with the SDK's exceptions. */
export type ReadSecret = (
  secretId: string,
  versionStage: "AWSCURRENT" | "AWSPREVIOUS",
  signal: AbortSignal,
) => Promise<string | Uint8Array>;

export interface KeyringOptions {
  read: ReadSecret;
  masterTokenSecretId: string;
  hmacKeySecretId: string;
  /** Wall clock, milliseconds. */
  now: () => number;
  freshSeconds: number;
  staleSeconds: number;
  cooldownSeconds: number;
  /** The longest that one read may take. */
  timeLimitMilliseconds: number;
  /** Told of each read that failed; age is that of the value still held, if any. */
  onFailure: (secret: SecretName, error: unknown, ageSeconds: number | undefined) => void;
}

/** What the two secrets are called in logs, where an id may be more than an operator meant to show. */
export type SecretName = "master_token" | "hmac_key";

/** Keeps the keys that the two secrets make, and follows the secrets when they change. */
export function createKeyring(options: KeyringOptions): Keyring {
  const { read, now, masterTokenSecretId, hmacKeySecretId } = options;
  const cooldownMilliseconds = options.cooldownSeconds * 1000;
  let noRenewalBefore = Number.NEGATIVE_INFINITY;

  const cachedSecret = <T>(
    secret: SecretName,
    load: (signal: AbortSignal) => Promise<T>,
    rejectsWhenEmpty = false,
  ): Cached<T> =>
    createCached({
      read: load,
      now,
      freshSeconds: options.freshSeconds,
      staleSeconds: options.staleSeconds,
      retrySeconds: options.cooldownSeconds,
      timeLimitMilliseconds: options.timeLimitMilliseconds,
      rejectsWhenEmpty,
      onFailure: (error, ageSeconds) => {
        // Nothing newer is to be had: a renewal would only read, and wait, once more.
        noRenewalBefore = now() + cooldownMilliseconds;
        options.onFailure(secret, error, ageSeconds);
      },
    });

  const masterToken = cachedSecret("master_token", async (signal) =>
    parseMasterToken(await read(masterTokenSecretId, "AWSCURRENT", signal)),
  );
  const hmacKey = cachedSecret("hmac_key", async (signal) =>
    parseHmacKey(await read(hmacKeySecretId, "AWSCURRENT", signal)),
  );

  /** A cache of its own for each `Keys`: after a rotation, what was previous no longer is. */
  function cachedPrevious(masterDigest: Buffer): Cached<KeyObject | undefined> {
    const load = async (signal: AbortSignal) => {
      try {
        const previous = await read(hmacKeySecretId, "AWSPREVIOUS", signal);
        return deriveSessionKey(parseHmacKey(previous), masterDigest);
      } catch (error) {
        // A secret that was never rotated has no AWSPREVIOUS; an unusable one has signed no token.
        const isAbsent = isNamed(error, "ResourceNotFoundException");
        if (isAbsent || error instanceof UnusableSecret) return undefined;
        throw error;
      }
    };
    // Each forgery asks for it: while it cannot be read, not every one of them may cost a read.
    return cachedSecret("hmac_key", load, true);
  }

  let latest: { masterToken: string; hmacKey: string; keys: Keys } | undefined;

  function keysOf(token: string, key: string): Keys {
    if (latest?.masterToken !== token || latest.hmacKey !== key) {
      const masterDigest = sha256(token);
      const keys = {
        masterDigest,
        session: deriveSessionKey(key, masterDigest),
        native: createSecretKey(Buffer.from(token)),
        previousSession: cachedPrevious(masterDigest).get,
      };
      latest = { masterToken: token, hmacKey: key, keys };
    }
    return latest.keys;
  }

  async function current(): Promise<Keys> {
    const [token, key] = await Promise.all([masterToken.get(), hmacKey.get()]);
    return keysOf(token, key);
  }

  let renewal: Promise<unknown> | undefined;

  async function renew(seen: Keys): Promise<Keys> {
    const keys = await current();
    if (keys !== seen) return keys;
    // Only renewals count for the cooldown: one that was due anyway may have come too early to see
    // the change that this caller's token tells of.
    if (renewal === undefined && now() >= noRenewalBefore) {
      noRenewalBefore = now() + cooldownMilliseconds;
      renewal = Promise.allSettled([masterToken.refresh(), hmacKey.refresh()]).finally(() => {
        renewal = undefined;
      });
    }
    await renewal;
    return current();
  }

  return { current, renew };
}
