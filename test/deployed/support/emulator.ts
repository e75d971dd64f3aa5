import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { BASE_ENVIRONMENT, type Server, startServer } from "./processes.ts";
import { NODE_24_PROGRAMS, PYTHON_PROGRAMS } from "./tools.ts";

export const REGION = "us-east-1";
export const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

/** Starts MiniStack: AWS, as far as the stack uses it. Each function may do no more than its own role allows. */
export function startEmulator(directory: string): Promise<Server> {
  return startServer(
    join(directory, "ministack.log"),
    (port) => ({
      command: join(PYTHON_PROGRAMS, "ministack"),
      args: [],
      env: {
        ...BASE_ENVIRONMENT,
        // Functions run on the first `node` of the path.
        PATH: `${NODE_24_PROGRAMS}:${BASE_ENVIRONMENT.PATH}`,
        HOME: directory,
        TMPDIR: directory,
        BIND_HOST: "127.0.0.1",
        GATEWAY_PORT: String(port),
        MINISTACK_HOST: "localhost",
        AUTH: "true",
        // Servers on fixed ports, for services that are not used here.
        IOT_MTLS_ENABLED: "0",
        SFTP_ENABLED: "0",
      },
      directory,
    }),
    async (_port, url) => (await fetch(`${url}/_ministack/health`)).ok,
  );
}

/**
 * A request to one of the emulator's services. It distinguishes them by the credential's scope, and
 * checks no signature.
 *
 * @param service as AWS's signatures name it, e.g. `logs`
 * @returns the response's body
 * @throws Error with the response when its status is not 2xx
 */
export async function callAws(
  url: string,
  service: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<string> {
  const scope = `${CREDENTIALS.accessKeyId}/20260101/${REGION}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
  const response = await fetch(url + path, {
    ...options,
    headers: { authorization, ...options.headers },
  });
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`${service} ${path}: ${response.status} ${text}`);
}

/** An operation of a service that speaks AWS's query protocol; the response is XML. */
export function queryAws(
  url: string,
  service: "cloudformation" | "iam" | "monitoring",
  parameters: Record<string, string>,
): Promise<string> {
  return callAws(url, service, "/", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(parameters).toString(),
  });
}

/** The texts of all elements of a name in a flat piece of XML. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(
    ([, text = ""]) => text,
  );
}

/**
 * An operation of a service that speaks AWS JSON 1.1.
 *
 * @param target as the header `X-Amz-Target` has it, e.g. `secretsmanager.GetSecretValue`
 */
export async function callJson<T = Record<string, string>>(
  url: string,
  service: "secretsmanager" | "logs" | "ssm",
  target: string,
  input: object = {},
): Promise<T> {
  const response = await callAws(url, service, "/", {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
    body: JSON.stringify(input),
  });
  return JSON.parse(response);
}

/** Gives a secret a new value. @returns the version's id */
export async function putSecret(url: string, SecretId = "", SecretString = ""): Promise<string> {
  const input = { SecretId, SecretString, ClientRequestToken: randomUUID() };
  const target = "secretsmanager.PutSecretValue";
  const { VersionId = "" } = await callJson(url, "secretsmanager", target, input);
  return VersionId;
}

/** The current value of a secret. */
export async function readSecret(url: string, SecretId = ""): Promise<string> {
  const target = "secretsmanager.GetSecretValue";
  const { SecretString = "" } = await callJson(url, "secretsmanager", target, { SecretId });
  return SecretString;
}
