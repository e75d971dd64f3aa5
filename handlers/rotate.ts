import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createRotate } from "../lib/functions/rotate.ts";
import { writeLog } from "../lib/log.ts";
import { openSecretVersions } from "../lib/secrets/versions.ts";

const client = new SecretsManagerClient({});

export const handler = createRotate({
  open: (secretId) => openSecretVersions(client, secretId),
  log: writeLog,
});
