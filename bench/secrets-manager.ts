import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { HMAC_KEY, MASTER_TOKEN } from "./tokens.ts";

/** What functions are told of their secrets. */
const SECRET_IDS = {
  MASTER_TOKEN_SECRET_ID: "pocketpaw/master-token",
  HMAC_KEY_SECRET_ID: "pocketpaw/hmac-key",
};

const VALUES: Readonly<Record<string, string>> = {
  [SECRET_IDS.MASTER_TOKEN_SECRET_ID]: MASTER_TOKEN,
  [SECRET_IDS.HMAC_KEY_SECRET_ID]: HMAC_KEY,
};

const CERTIFICATE = join(import.meta.dirname, ".build", "certificate.pem");

export interface SecretsManager {
  /** What a function needs in its environment to read its secrets from here. */
  env: Readonly<Record<string, string>>;
  /** Each read so far, as `<secret id> <staging label>`. */
  reads: string[];
  /** How long each response takes; at first 5 ms, about what it takes within a region. */
  responseMilliseconds: number;
  close: () => Promise<void>;
}

/**
 * The least Secrets Manager that a function can read from: two secrets that were never rotated, in
 * memory, so that no file system has a part in a cold start. It speaks TLS 1.3 alone.
 */
export async function startSecretsManager(): Promise<SecretsManager> {
  const reads: string[] = [];
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { SecretId = "", VersionStage = "AWSCURRENT" } = JSON.parse(await text(request));
    reads.push(`${SecretId} ${VersionStage}`);
    const found = VersionStage === "AWSCURRENT" ? VALUES[SecretId] : undefined;
    const output =
      found === undefined
        ? { __type: "ResourceNotFoundException", Message: "There is no such version." }
        : {
            ARN: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${SecretId}-AbCdEf`,
            Name: SecretId,
            VersionId: "b6f1c0de-0000-4000-8000-000000000001",
            VersionStages: [VersionStage],
            SecretString: found,
            CreatedDate: 1_700_000_000,
          };
    await sleep(secretsManager.responseMilliseconds);
    const body = JSON.stringify(output);
    response.writeHead(found === undefined ? 400 : 200, {
      "content-type": "application/x-amz-json-1.1",
      "content-length": Buffer.byteLength(body),
    });
    response.end(body);
  }

  issueCertificate();
  const pem = readFileSync(CERTIFICATE);
  const server = createServer({ key: pem, cert: pem, minVersion: "TLSv1.3" }, serve);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const secretsManager: SecretsManager = {
    env: {
      ...SECRET_IDS,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `https://127.0.0.1:${port}`,
      NODE_EXTRA_CA_CERTS: CERTIFICATE,
    },
    reads,
    responseMilliseconds: 5,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return secretsManager;
}

/** A certificate for 127.0.0.1 and its key in one file: RSA with 2048 bits, as AWS's endpoints have. */
function issueCertificate(): void {
  mkdirSync(join(CERTIFICATE, ".."), { recursive: true });
  const options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
  const files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", CERTIFICATE];
  const key = ["req", "-x509", ...options, ...files];
  // openssl writes each to a file of its own, and the key first.
  const certificate = execFileSync("openssl", key, { stdio: ["ignore", "pipe", "ignore"] });
  appendFileSync(CERTIFICATE, certificate);
}
