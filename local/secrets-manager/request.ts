import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopbackHost, readBody } from "../http.ts";
import { ServiceError, serializationError } from "./errors.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";
const TARGET = /^secretsmanager\.(.*)$/;
/** A secret has up to 64 KiB, and six times as much when JSON escapes each character. */
const MAX_BODY_BYTES = 512 * 1024;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
const CREDENTIAL = /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\//;

/**
 * Refuses what no SDK sends: a web page's request (it has an Origin), a Host that is not a loopback address
 * (DNS rebinding), another method, path or content type; and a request signed with another access key id. The
 * signature itself is not checked: the id is random, and as secret as a secret access key would be.
 *
 * @param accessKeyId null accepts any caller
 * @returns the operation's name
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
    const message = `The request must be POST / with the content type ${CONTENT_TYPE} and X-Amz-Target secretsmanager.<operation>.`;
    throw new ServiceError("UnknownOperationException", message);
  }
  if (accessKeyId !== null) checkAccessKeyId(headers.authorization ?? "", accessKeyId);
  return operation;
}

function checkAccessKeyId(authorization: string, accessKeyId: string): void {
  const sha256 = (text: string) => createHash("sha256").update(text).digest();
  const [, given] = CREDENTIAL.exec(authorization) ?? [];
  if (given === undefined) {
    throw new ServiceError("MissingAuthenticationTokenException", "The request is not signed.");
  }
  if (timingSafeEqual(sha256(given), sha256(accessKeyId))) return;
  const message = "The security token included in the request is invalid.";
  throw new ServiceError("UnrecognizedClientException", message);
}

/** The request's JSON object. @throws ServiceError SerializationException; RequestEntityTooLarge over 512 KiB */
export async function readInput(request: IncomingMessage): Promise<object> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === undefined) {
    throw new ServiceError("RequestEntityTooLargeException", "The request is too large.", 413);
  }
  let input: unknown;
  try {
    input = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // Not JSON, or not UTF-8.
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  throw serializationError("The body is not a JSON object in UTF-8.");
}

/**
 * Responds with an operation's output, or with an error: AWS JSON 1.1 names it in `__type`. On AWS the service's own
 * errors have the member `Message`, the front end's `message`; clients read one or the other.
 */
export function send(response: ServerResponse, requestId: string, result: object): void {
  const error = result instanceof ServiceError ? result : undefined;
  const { type: __type, message } = error ?? {};
  const json = JSON.stringify(error ? { __type, Message: message, message } : result);
  // The unread rest of the request would be read as the next one.
  if (!response.req.complete) response.setHeader("connection", "close");
  response.writeHead(error?.status ?? 200, {
    "content-type": CONTENT_TYPE,
    "content-length": Buffer.byteLength(json),
    "x-amzn-requestid": requestId,
  });
  response.end(json);
}
