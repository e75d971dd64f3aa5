import type { KeyringSettings } from "../../lib/config.ts";
import type { ReadSecret } from "../../lib/secrets/keyring.ts";
import { HMAC_KEY, MASTER_TOKEN } from "./tokens.ts";

/** A version of one of the two secrets. */
export type Version = "master" | "key" | "previous";

/** Two secrets in memory, read as the keyring reads Secrets Manager: each read is counted. */
export interface SecretStore {
  read: ReadSecret;
  /** undefined: there is no such version. An Error: reading it fails so. */
  values: Record<Version, string | Uint8Array | Error | undefined>;
  /** The version ids; a test that changes a value may change its id. */
  versionIds: Record<Version, string>;
  /** How often each version was asked for. */
  reads: Record<Version, number>;
  /** A new HMAC key; the one there becomes the previous one. */
  rotate: (hmacKey: string) => void;
  /** From now on reads use the values of now, but respond only once `release` is called. */
  hold: () => { release: () => void };
}

export const MASTER_TOKEN_SECRET_ID = "test/master-token";
export const HMAC_KEY_SECRET_ID = "test/hmac-key";

/** The settings that a function must have; all others keep their defaults. */
export const REQUIRED_SETTINGS = { MASTER_TOKEN_SECRET_ID, HMAC_KEY_SECRET_ID };

/** What Lambda gives a function beside its settings; the credentials are invented. */
export const AWS_ENVIRONMENT = {
  AWS_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "AKIDTEST",
  AWS_SECRET_ACCESS_KEY: "test",
};

/** The keyring's settings, as lib/config.ts reads them. */
export const KEYRING_SETTINGS: KeyringSettings = {
  masterTokenSecretId: MASTER_TOKEN_SECRET_ID,
  hmacKeySecretId: HMAC_KEY_SECRET_ID,
  freshSeconds: 60,
  staleSeconds: 900,
  cooldownSeconds: 5,
};

/** A store with both secrets and no previous HMAC key. */
export function createSecretStore(): SecretStore {
  const values: SecretStore["values"] = {
    master: MASTER_TOKEN,
    key: HMAC_KEY,
    previous: undefined,
  };
  let gate: Promise<void> | undefined;

  const versionIds = { master: "master-1", key: "key-1", previous: "key-0" };

  const store: SecretStore = {
    values,
    versionIds,
    reads: { master: 0, key: 0, previous: 0 },
    read: async (secretId, versionStage, signal) => {
      const version = versionOf(secretId, versionStage);
      store.reads[version] += 1;
      const value = values[version];
      if (gate) await Promise.race([gate, aborted(signal)]);
      if (value === undefined) throw named("ResourceNotFoundException", "no such version");
      if (value instanceof Error) throw value;
      return { value, versionId: versionIds[version] };
    },
    rotate: (hmacKey) => {
      values.previous = values.key;
      values.key = hmacKey;
    },
    hold: () => {
      let release: () => void = () => undefined;
      gate = new Promise((resolve) => {
        release = () => {
          gate = undefined;
          resolve();
        };
      });
      return { release };
    },
  };
  return store;
}

/** An Error of a name, as the SDK throws them. */
export function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function versionOf(secretId: string, versionStage: string): Version {
  if (secretId === MASTER_TOKEN_SECRET_ID && versionStage === "AWSCURRENT") return "master";
  if (secretId === HMAC_KEY_SECRET_ID && versionStage === "AWSCURRENT") return "key";
  if (secretId === HMAC_KEY_SECRET_ID && versionStage === "AWSPREVIOUS") return "previous";
  throw new Error(`no test expects a read of ${versionStage} of ${secretId}`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
