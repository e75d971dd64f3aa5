import { mkdirSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { listenOnLoopback } from "../test/support/loopback.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../test/support/tokens.ts";
import { issueCertificates } from "./certificates.ts";

/** What functions are told of their secrets. */
const SECRET_IDS = {
  MASTER_TOKEN_SECRET_ID: "pocketpaw/master-token",
  HMAC_KEY_SECRET_ID: "pocketpaw/hmac-key",
};

const VALUES: Readonly<Record<string, string>> = {
  [SECRET_IDS.MASTER_TOKEN_SECRET_ID]: MASTER_TOKEN,
  [SECRET_IDS.HMAC_KEY_SECRET_ID]: HMAC_KEY,
};

const AUTHORITY_FILE = join(import.meta.dirname, ".build", `authority-${process.pid}.pem`);

export interface SecretsManager {
  /** What a function needs in its environment to read its secrets from here. */
  env: Readonly<Record<string, string>>;
  /** Each read so far, as `<secret id> <staging label>`. */
  reads: string[];
  /** How long each response takes; at first 5 ms, about what it takes within a region. */
  responseMilliseconds: number;
  /** TLS handshakes so far. */
  handshakes: () => number;
  close: () => Promise<void>;
}

interface Request {
  readonly SecretId?: string;
  readonly VersionStage?: string;
  /** Of BatchGetSecretValue. */
  readonly SecretIdList?: readonly string[];
}

/**
 * The least Secrets Manager that a function can read from: two secrets that were never rotated, in
 * memory, so that no file system has a part in a cold start. It speaks TLS 1.3 alone.
 */
export async function startSecretsManager(): Promise<SecretsManager> {
  const reads: string[] = [];
  let handshakes = 0;

  function read(secretId: string, stage = "AWSCURRENT"): object | undefined {
    reads.push(`${secretId} ${stage}`);
    const SecretString = VALUES[secretId];
    if (SecretString === undefined || stage !== "AWSCURRENT") return undefined;
    return {
      ARN: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${secretId}-AbCdEf`,
      Name: secretId,
      VersionId: "b6f1c0de-0000-4000-8000-000000000001",
      VersionStages: [stage],
      SecretString,
      CreatedDate: 1_700_000_000,
    };
  }

  function respond({ SecretId, VersionStage, SecretIdList }: Request): [number, object] {
    if (SecretIdList) return [200, { SecretValues: SecretIdList.map((id) => read(id)) }];
    const found = read(SecretId ?? "", VersionStage);
    if (found) return [200, found];
    const Message = "Secrets Manager can't find the specified secret value.";
    return [400, { __type: "ResourceNotFoundException", Message }];
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, output] = respond(JSON.parse(await text(request)));
    await sleep(secretsManager.responseMilliseconds);
    const body = JSON.stringify(output);
    response.writeHead(status, {
      "content-type": "application/x-amz-json-1.1",
      "content-length": Buffer.byteLength(body),
    });
    response.end(body);
  }

  const { authority, certificate, key } = await issueCertificates();
  mkdirSync(join(AUTHORITY_FILE, ".."), { recursive: true });
  writeFileSync(AUTHORITY_FILE, authority);
  const server = createServer({ key, cert: certificate, minVersion: "TLSv1.3" }, serve);
  server.on("secureConnection", () => handshakes++);
  const { port, close } = await listenOnLoopback(server);
  const secretsManager: SecretsManager = {
    env: {
      ...SECRET_IDS,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `https://127.0.0.1:${port}`,
      NODE_EXTRA_CA_CERTS: AUTHORITY_FILE,
    },
    reads,
    responseMilliseconds: 5,
    handshakes: () => handshakes,
    close,
  };
  return secretsManager;
}
