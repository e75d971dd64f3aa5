import type { KeyObject } from "node:crypto";
import type { KeyringSettings } from "../config.ts";
import { isNamed, SecretsUnavailable, UnusableSecret } from "../errors.ts";
import { deriveSessionKey, pocketPawKey, sha256 } from "../tokens/keys.ts";
import { createAgeClock } from "./age-clock.ts";
import { type Cache, createCache } from "./cache.ts";
import { createTokenBucket } from "./token-bucket.ts";
import { parseHmacKey, parseMasterToken, type SecretVersion } from "./values.ts";

/** What one pair of master token and HMAC key makes. */
export interface Keys {
  /** The version id of the master token's secret. */
  readonly masterTokenVersion: string;
  /** SHA-256 of the master token. */
  readonly masterDigest: Buffer;
  /** Signs and verifies our own tokens. */
  readonly session: KeyObject;
  /** Signs PocketPaw tokens: PocketPaw's HMAC key is the master token itself. */
  readonly pocketPaw: KeyObject;
  /**
   * The session key under the HMAC key before this one, or undefined when there is none; read when
   * a token first asks for it. Rejects when it cannot be read.
   */
  readonly previousSession: () => Promise<KeyObject | undefined>;
}

/** What a renewal found. */
export interface Renewal {
  /** The keys now; the ones that the caller has seen when nothing has changed. */
  readonly keys: Keys;
  /** Called when the token is accepted with these keys: its refresh then does not count. */
  readonly giveBack: () => void;
}

export interface Keyring {
  /**
   * The keys now; the same object for as long as the secrets are the same. Rejects with SecretsUnavailable or
   * UnusableSecret where there are none.
   */
  current: () => Promise<Keys>;
  /**
   * For a token that `seen` refused: the secrets may just have changed. Reads them again, unless bad
   * tokens have used up their refreshes (DESIGN: two at once, one regained per cooldown).
   */
  renew: (seen: Keys) => Promise<Renewal>;
}

/** Reads one version of a secret, by its staging label. Rejects with the SDK's exceptions. */
export type ReadSecret = (
  secretId: string,
  versionStage: "AWSCURRENT" | "AWSPREVIOUS",
  signal: AbortSignal,
) => Promise<SecretVersion>;

export interface KeyringOptions extends KeyringSettings {
  readonly read: ReadSecret;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** The longest that one read may take. */
  readonly timeLimitMilliseconds: number;
  /** Called for each read that failed; age is that of the value still held, if any. */
  readonly onFailure: (secret: SecretName, error: unknown, ageSeconds: number | undefined) => void;
}

/** What the two secrets are called in logs, where an id may be more than an operator meant to show. */
export type SecretName = "master_token" | "hmac_key";

interface MasterToken {
  readonly token: string;
  readonly versionId: string;
}

/** Keeps the keys that the two secrets make, and follows the secrets when they change. */
export function createKeyring(options: KeyringOptions): Keyring {
  const { masterTokenSecretId, hmacKeySecretId } = options;
  const now = createAgeClock(options.now, options.freshSeconds * 1000);
  const bucket = createTokenBucket(now, options.cooldownSeconds * 1000);
  const read: ReadSecret = (...request) =>
    options.read(...request).catch((error: unknown) => {
      throw new SecretsUnavailable(error);
    });

  const cacheSecret = <T>(
    secret: SecretName,
    load: (signal: AbortSignal) => Promise<T>,
    rejectsWhenEmpty = false,
  ): Cache<T> =>
    createCache({
      ...options,
      read: load,
      now,
      rejectsWhenEmpty,
      onFailure: (error, ageSeconds) => {
        // Nothing newer can be read now: a renewal would only wait for one more failure.
        bucket.suspend();
        options.onFailure(secret, error, ageSeconds);
      },
    });

  const masterToken = cacheSecret("master_token", async (signal): Promise<MasterToken> => {
    const { value, versionId } = await read(masterTokenSecretId, "AWSCURRENT", signal);
    return { token: parseMasterToken(value), versionId };
  });
  const hmacKey = cacheSecret("hmac_key", async (signal) =>
    parseHmacKey((await read(hmacKeySecretId, "AWSCURRENT", signal)).value),
  );

  /** A cache of its own for each `Keys`: after a rotation, what was previous no longer is. */
  function cachePrevious(masterDigest: Buffer): Cache<KeyObject | undefined> {
    const load = async (signal: AbortSignal) => {
      try {
        const previous = await read(hmacKeySecretId, "AWSPREVIOUS", signal);
        return deriveSessionKey(parseHmacKey(previous.value), masterDigest);
      } catch (error) {
        // A secret that was never rotated has no AWSPREVIOUS; an unusable one has signed no token.
        const isAbsent = isNamed(error, "ResourceNotFoundException");
        if (isAbsent || error instanceof UnusableSecret) return undefined;
        throw error;
      }
    };
    // Each forgery asks for it: while it cannot be read, not every one of them may cost a read.
    return cacheSecret("hmac_key", load, true);
  }

  let latest: { master: MasterToken; hmacKey: string; keys: Keys } | undefined;

  function keysOf(master: MasterToken, key: string): Keys {
    const isSame =
      latest?.master.token === master.token &&
      latest.master.versionId === master.versionId &&
      latest.hmacKey === key;
    if (latest && isSame) return latest.keys;
    const masterDigest = sha256(master.token);
    const keys = {
      masterTokenVersion: master.versionId,
      masterDigest,
      session: deriveSessionKey(key, masterDigest),
      pocketPaw: pocketPawKey(master.token),
      previousSession: cachePrevious(masterDigest).get,
    };
    latest = { master, hmacKey: key, keys };
    return keys;
  }

  async function current(): Promise<Keys> {
    const [master, key] = [masterToken.ready(), hmacKey.ready()];
    if (master && key) return keysOf(master.value, key.value);
    return keysOf(...(await bothOf(masterToken.get(), hmacKey.get())));
  }

  let underWay: { readonly end: Promise<unknown>; readonly giveBack: () => void } | undefined;

  async function renew(seen: Keys): Promise<Renewal> {
    // One that is under way may have read before the change that this caller's token tells of.
    await underWay?.end;
    const keys = await current();
    // A read that was due anyway does not count: it may have come too early to see the change.
    if (keys !== seen) return { keys, giveBack: () => undefined };
    // One that another caller has begun since then is this caller's as well.
    if (underWay === undefined) {
      if (!bucket.take()) return { keys, giveBack: () => undefined };
      underWay = startRenewal();
    }
    const { end, giveBack } = underWay;
    await end;
    return { keys: await current(), giveBack };
  }

  function startRenewal() {
    const end = Promise.allSettled([masterToken.refresh(), hmacKey.refresh()]).finally(() => {
      underWay = undefined;
    });
    let isGivenBack = false;
    const giveBack = (): void => {
      if (!isGivenBack) bucket.giveBack();
      isGivenBack = true;
    };
    return { end, giveBack };
  }

  return { current, renew };
}

/** Waits for both to end, also when one fails: no read may outlive the invocation that waits for it. */
async function bothOf<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}
