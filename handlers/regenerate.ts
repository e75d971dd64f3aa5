import { setTimeout } from "node:timers/promises";
import { readRegenerateSettings } from "../lib/config.ts";
import { createRegenerate } from "../lib/functions/regenerate.ts";
import { writeLog } from "../lib/log.ts";
import { openTokenSource } from "../lib/pocketpaw/token-source.ts";
import { createSecretsManagerClient } from "../lib/secrets/client.ts";
import { openSecretVersions } from "../lib/secrets/versions.ts";

/** PocketPaw allows one question a second whether a token is in force. */
const PAUSE_MILLISECONDS = 1_000;

const settings = readRegenerateSettings(process.env);
const client = createSecretsManagerClient({
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
});

export const handler = createRegenerate({
  secretId: settings.masterTokenSecretId,
  openMasterToken: (signal) => openSecretVersions(client, settings.masterTokenSecretId, signal),
  openHmacKey: (signal) => openSecretVersions(client, settings.hmacKeySecretId, signal),
  openSource: (cookie, signal) =>
    openTokenSource(settings, (id) => openSecretVersions(client, id, signal), cookie, signal),
  pause: (signal) => setTimeout(PAUSE_MILLISECONDS, undefined, { signal }),
  now: Date.now,
  log: writeLog,
});
