import { join } from "node:path";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { baseEnvironment, type Server, startServer } from "./processes.ts";
import type { Tools } from "./tools.ts";

export const REGION = "us-east-1";
export const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

/**
 * Starts MiniStack: AWS, as far as the stack uses it.
 *
 * @param enforceIam whether each function may do no more than its own role allows
 */
export async function startEmulator(
  tools: Tools,
  directory: string,
  enforceIam: boolean,
): Promise<Server & { readonly url: string }> {
  const server = await startServer(
    join(directory, "ministack.log"),
    (port) => ({
      command: join(tools.python, "ministack"),
      args: [],
      // Functions run on the first `node` of the path.
      env: {
        ...baseEnvironment([tools.node24]),
        HOME: directory,
        TMPDIR: directory,
        BIND_HOST: "127.0.0.1",
        GATEWAY_PORT: String(port),
        MINISTACK_HOST: "localhost",
        AUTH: String(enforceIam),
        // Servers on fixed ports, for services that are not used here.
        IOT_MTLS_ENABLED: "0",
        SFTP_ENABLED: "0",
      },
      directory,
    }),
    async (port) => (await fetch(`http://127.0.0.1:${port}/_ministack/health`)).ok,
  );
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

/** The SDK's client for the emulator's Secrets Manager. The caller destroys it. */
export function createSecretsClient(url: string): SecretsManagerClient {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  return new SecretsManagerClient({ endpoint: url, region: REGION, credentials: CREDENTIALS });
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

/** The lines of JSON that a function has logged, oldest first. */
export async function logOf(url: string, functionName: string): Promise<Record<string, unknown>[]> {
  return (await messagesOf(url, functionName)).flatMap((message) =>
    message.startsWith("{") ? [JSON.parse(message)] : [],
  );
}

/** How often a function has been called. */
export async function callsOf(url: string, functionName: string): Promise<number> {
  const messages = await messagesOf(url, functionName);
  return messages.filter((message) => message.startsWith("START ")).length;
}

async function messagesOf(url: string, functionName: string): Promise<string[]> {
  const messages: string[] = [];
  let nextToken: string | undefined;
  do {
    const response = await callAws(url, "logs", "/", {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "Logs_20140328.FilterLogEvents",
      },
      body: JSON.stringify({ logGroupName: `/aws/lambda/${functionName}`, nextToken }),
    });
    const page: { events: { message: string }[]; nextToken?: string } = JSON.parse(response);
    messages.push(...page.events.map(({ message }) => message));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return messages;
}
