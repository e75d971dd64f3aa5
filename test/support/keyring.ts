import { createKeyring, type Keyring, type SecretName } from "../../lib/secrets/keyring.ts";
import { type Clock, createClock } from "./clock.ts";
import {
  createSecretStore,
  HMAC_KEY_SECRET_ID,
  MASTER_TOKEN_SECRET_ID,
  type SecretStore,
} from "./secret-store.ts";

export interface TestKeyring {
  keyring: Keyring;
  store: SecretStore;
  clock: Clock;
  /** The failed reads that the keyring reported. */
  failures: { secret: SecretName; error: unknown; ageSeconds: number | undefined }[];
}

/** A cold keyring over secrets in memory, with the durations that are the default. */
export function createTestKeyring(timeLimitMilliseconds = 1_200): TestKeyring {
  const store = createSecretStore();
  const clock = createClock();
  const failures: TestKeyring["failures"] = [];
  const keyring = createKeyring({
    read: store.read,
    masterTokenSecretId: MASTER_TOKEN_SECRET_ID,
    hmacKeySecretId: HMAC_KEY_SECRET_ID,
    now: clock.now,
    freshSeconds: 60,
    staleSeconds: 900,
    cooldownSeconds: 5,
    timeLimitMilliseconds,
    onFailure: (secret, error, ageSeconds) => failures.push({ secret, error, ageSeconds }),
  });
  return { keyring, store, clock, failures };
}
