import {
  type GetSecretValueRequest,
  SecretsManagerServiceException,
} from "@aws-sdk/client-secrets-manager";
import { SignatureV4 } from "@smithy/signature-v4";
import { post } from "../http/post.ts";
import { type AwsEnvironment, readAwsEnvironment } from "./aws-environment.ts";
import type { ReadSecret } from "./keyring.ts";
import { Sha256 } from "./sha256.ts";
import type { SecretVersion } from "./values.ts";

/**
 * Reads secrets with the SDK's signer and exception, but not through its client: middleware
 * and serializers for whatever a service may have are a third of a cold start, and this is one POST
 * (npm run bench -- cold-start, where the client stands beside it, as it comes and trimmed). The two
 * rare functions, rotate and regenerate, use the client. A read that fails for a passing reason is
 * tried again once.
 *
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 *
 * @throws what `readAwsEnvironment` throws; a read rejects with the SDK's exception, with Node's
 *   errors of the network, and with the signal's reason
 */
export function createSecretReader(aws: AwsEnvironment = readAwsEnvironment()): ReadSecret {
  const { endpoint, region, credentials } = aws;
  const signer = new SignatureV4({
    service: "secretsmanager",
    region,
    credentials,
    sha256: Sha256,
  });

  async function getSecretValue(
    request: GetSecretValueRequest,
    signal: AbortSignal,
  ): Promise<SecretVersion> {
    const signed = await signer.sign({
      method: "POST",
      protocol: endpoint.protocol,
      hostname: endpoint.hostname,
      path: endpoint.pathname,
      headers: {
        host: endpoint.host,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "secretsmanager.GetSecretValue",
      },
      body: JSON.stringify(request),
    });
    const { status, body } = await post(endpoint, signed.headers, signed.body, signal);
    const output = parse(body);
    if (status !== 200) throw exceptionOf(status, output);
    const { VersionId: versionId = "", SecretString = "", SecretBinary } = output;
    const value = SecretBinary === undefined ? SecretString : Buffer.from(SecretBinary, "base64");
    return { versionId, value };
  }

  return (SecretId, VersionStage, signal) =>
    retryOnce(() => getSecretValue({ SecretId, VersionStage }, signal), signal);
}

interface Output {
  readonly VersionId?: string;
  readonly SecretString?: string;
  /** Base64. */
  readonly SecretBinary?: string;
  /** Of an exception: its name, after a namespace and `#` or not. */
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
}

function parse(body: string): Output {
  try {
    return JSON.parse(body);
  } catch {
    // Not JSON.parse's own error: it quotes the text, which may be half a secret.
    throw new SyntaxError("the response is not JSON");
  }
}

/**
 * The service's exception by its name: a class of its own for each would be a twenty-fifth of a hot bundle.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization
 */
function exceptionOf(status: number, output: Output): SecretsManagerServiceException {
  const name = output.__type?.replace(/^.*#/, "") ?? "Unknown";
  return new SecretsManagerServiceException({
    name,
    message: output.message ?? output.Message ?? name,
    $fault: status >= 500 ? "server" : "client",
    $metadata: { httpStatusCode: status },
  });
}

async function retryOnce<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    signal.throwIfAborted();
    if (!isPassing(error)) throw error;
  }
  // As long as the SDK pauses before its first retry.
  await new Promise((resolve) => setTimeout(resolve, 100 * Math.random()));
  return attempt();
}

/** Whatever is no exception of the service: no connection, one that was cut, a proxy's output. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof SecretsManagerServiceException)) return true;
  const { httpStatusCode = 0 } = error.$metadata;
  return httpStatusCode >= 500 || httpStatusCode === 429 || error.name === "ThrottlingException";
}
