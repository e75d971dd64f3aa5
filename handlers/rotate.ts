import { createRotate } from "../lib/functions/rotate.ts";
import { writeLog } from "../lib/log.ts";
import { createSecretsManagerClient } from "../lib/secrets/client.ts";
import { openSecretVersions } from "../lib/secrets/versions.ts";

const client = createSecretsManagerClient();

export const handler = createRotate({
  open: (secretId) => openSecretVersions(client, secretId),
  log: writeLog,
});
