import type { KeyringSettings } from "../../lib/config/keyring.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "./secret-store.ts";

/** The settings that a function must have; all others keep their defaults. */
export const REQUIRED_SETTINGS = {
  MASTER_TOKEN_SECRET_ID,
  HMAC_KEY_SECRET_ID,
};

/** The keyring's settings, as lib/config reads them. */
export const KEYRING_SETTINGS: KeyringSettings = {
  masterTokenSecretId: MASTER_TOKEN_SECRET_ID,
  hmacKeySecretId: HMAC_KEY_SECRET_ID,
  secretsFreshSeconds: 60,
  secretsStaleSeconds: 900,
  secretsCooldownSeconds: 5,
};
