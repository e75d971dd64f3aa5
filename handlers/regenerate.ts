import { setTimeout } from "node:timers/promises";
import { readRegenerateSettings } from "../lib/config.ts";
import { createRegenerate } from "../lib/functions/regenerate.ts";
import { writeLog } from "../lib/log.ts";
import { createSecretsManagerClient } from "../lib/secrets/client.ts";
import { openSecretVersions } from "../lib/secrets/versions.ts";

/** PocketPaw allows one question a second whether a token is in force. */
const PAUSE_MILLISECONDS = 1_000;

const client = createSecretsManagerClient({
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
});

export const handler = createRegenerate({
  ...readRegenerateSettings(process.env),
  open: (secretId, signal) => openSecretVersions(client, secretId, signal),
  pause: (signal) => setTimeout(PAUSE_MILLISECONDS, undefined, { signal }),
  now: Date.now,
  log: writeLog,
});
