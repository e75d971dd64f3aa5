import { createServer } from "node:http";
import { listenOnLoopback } from "../test/support/loopback.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../test/support/tokens.ts";

/** What functions are told of their secrets. */
export const SECRET_IDS = {
  MASTER_TOKEN_SECRET_ID: "pocketpaw/master-token",
  HMAC_KEY_SECRET_ID: "pocketpaw/hmac-key",
};

const VALUES: Readonly<Record<string, string>> = {
  [SECRET_IDS.MASTER_TOKEN_SECRET_ID]: MASTER_TOKEN,
  [SECRET_IDS.HMAC_KEY_SECRET_ID]: HMAC_KEY,
};

export interface SecretsManager {
  url: string;
  /** Each read so far, as `<secret id> <staging label>`. */
  reads: string[];
  close: () => Promise<void>;
}

/**
 * The least Secrets Manager that a function can read from: two secrets that were never rotated, in
 * memory, so that no file system has a part in a cold start.
 */
export async function startSecretsManager(): Promise<SecretsManager> {
  const reads: string[] = [];

  function answer(body: string): [status: number, output: object] {
    const { SecretId, VersionStage = "AWSCURRENT" } = JSON.parse(body);
    reads.push(`${SecretId} ${VersionStage}`);
    const SecretString = VALUES[SecretId];
    if (SecretString === undefined || VersionStage !== "AWSCURRENT") {
      const Message = "Secrets Manager can't find the specified secret value.";
      return [400, { __type: "ResourceNotFoundException", Message }];
    }
    const VersionId = "b6f1c0de-0000-4000-8000-000000000001";
    const ARN = `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${SecretId}-AbCdEf`;
    const VersionStages = [VersionStage];
    const CreatedDate = 1_700_000_000;
    return [200, { ARN, Name: SecretId, VersionId, VersionStages, SecretString, CreatedDate }];
  }

  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const [status, output] = answer(body);
    const text = JSON.stringify(output);
    response.writeHead(status, {
      "content-type": "application/x-amz-json-1.1",
      "content-length": Buffer.byteLength(text),
    });
    response.end(text);
  });
  const { url, close } = await listenOnLoopback(server);
  return { url, reads, close };
}
