import { createKeyring, type Keyring, type SecretName } from "../../lib/secrets/keyring.ts";
import { type Clock, createClock } from "./clock.ts";
import { createSecretStore, KEYRING_SETTINGS, type SecretStore } from "./secret-store.ts";

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
    ...KEYRING_SETTINGS,
    read: (...version) => store.read(...version),
    now: clock.now,
    timeLimitMilliseconds,
    onFailure: (secret, error, ageSeconds) => failures.push({ secret, error, ageSeconds }),
  });
  return { keyring, store, clock, failures };
}
