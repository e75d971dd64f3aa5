import { createHash, createHmac } from "node:crypto";
import type { Agent } from "node:https";

/**
 * Requests to Secrets Manager with nothing between them and the socket, signed by hand (AWS Signature
 * Version 4): the limit. Not a way to go: nobody should keep a signature of their own up to date.
 */
const { env } = process;
const endpoint = new URL(env.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? "");
// Not imported: as an ES module it loads the whole of undici.
const https = process.getBuiltinModule("node:https");

/** The two secrets that an authorizer reads. */
export const SECRET_IDS = [env.MASTER_TOKEN_SECRET_ID ?? "", env.HMAC_KEY_SECRET_ID ?? ""];

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text).digest();

function sign(operation: string, body: string): Record<string, string> {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = [time.slice(0, 8), env.AWS_REGION, "secretsmanager", "aws4_request"];
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    host: endpoint.host,
    "x-amz-date": time,
    "x-amz-security-token": env.AWS_SESSION_TOKEN ?? "",
    "x-amz-target": `secretsmanager.${operation}`,
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const canonical = ["POST", "/", "", ...lines, "", names, sha256(body)].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n");
  const key = scope.reduce<string | Buffer>(
    (derived, part) => hmac(derived, part ?? ""),
    `AWS4${env.AWS_SECRET_ACCESS_KEY}`,
  );
  const credential = `${env.AWS_ACCESS_KEY_ID}/${scope.join("/")}`;
  const signature = hmac(key, toSign).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...headers, authorization };
}

/** @param agent false: a connection of its own */
export function call(operation: string, input: object, agent: Agent | false): Promise<object> {
  const body = JSON.stringify(input);
  return new Promise((resolve, reject) => {
    const options = { method: "POST", headers: sign(operation, body), agent };
    https
      .request(endpoint, options, (response) => {
        let text = "";
        response
          .setEncoding("utf8")
          .on("data", (chunk) => {
            text += chunk;
          })
          .on("end", () => resolve(JSON.parse(text)))
          .on("error", reject);
      })
      .on("error", reject)
      .end(body);
  });
}
