import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopbackHost, readBody } from "../http.ts";
import { ServiceError, serializationError, unknownOperation } from "./errors.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";
const MAX_BODY_BYTES = 1024 * 1024;
const TARGET = /^secretsmanager\.(.*)$/;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
const CREDENTIAL = /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\//;

/**
 * The operation's name. Refuses what no SDK sends: a web page's request (it has an Origin), a Host that is not a
 * loopback address (DNS rebinding), another method, path or content type; and a request signed with another access key
 * id. The signature itself is not checked: the id is random, and as secret as a secret access key would be.
 *
 * @throws ServiceError
 */
export function operationName(request: IncomingMessage, accessKeyId: string | null): string {
  const { headers, method, url } = request;
  if (headers.origin !== undefined || !isLoopbackHost(headers.host ?? "")) {
    const message = "A web page's request, or one whose Host is not loopback, is refused.";
    throw new ServiceError("AccessDeniedException", message, 403);
  }
  const isAwsJson = headers["content-type"]?.split(";")[0]?.trim() === CONTENT_TYPE;
  const [, operation] = TARGET.exec(String(headers["x-amz-target"])) ?? [];
  if (method !== "POST" || url !== "/" || !isAwsJson || operation === undefined) {
    throw unknownOperation(
      `The request must be POST / with the content type ${CONTENT_TYPE} and X-Amz-Target secretsmanager.<operation>.`,
    );
  }
  const [, given = ""] = CREDENTIAL.exec(headers.authorization ?? "") ?? [];
  const sha256 = (text: string) => createHash("sha256").update(text).digest();
  if (accessKeyId !== null && !timingSafeEqual(sha256(given), sha256(accessKeyId))) {
    const message = "The security token included in the request is invalid.";
    throw new ServiceError("UnrecognizedClientException", message);
  }
  return operation;
}

/** The request's JSON object. @throws ServiceError */
export async function readInput(request: IncomingMessage): Promise<object> {
  const body = readBody(request, MAX_BODY_BYTES);
  const input: unknown = await body.then((bytes) => JSON.parse(`${bytes}`)).catch(() => undefined);
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  throw serializationError("The body is not a JSON object of at most 1 MB.");
}

/**
 * Responds with an operation's output, or with an error: AWS JSON 1.1 names it in `__type`. On AWS the service's own
 * errors have the member `Message`, the front end's `message`; clients read one or the other.
 */
export function send(response: ServerResponse, result: object): void {
  const error = result instanceof ServiceError ? result : undefined;
  const { type: __type, message } = error ?? {};
  const body = JSON.stringify(error ? { __type, Message: message, message } : result);
  // The unread rest of the request would be read as the next one.
  if (!response.req.complete) response.setHeader("connection", "close");
  response.writeHead(error?.status ?? 200, {
    "content-type": CONTENT_TYPE,
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
