import type { IncomingMessage, ServerResponse } from "node:http";
import { ServiceError, serializationError } from "./errors.ts";
import type { Input } from "./input.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";
const TARGET_PREFIX = "secretsmanager.";

/** A secret has up to 64 KiB, and six times as much when JSON escapes each character. */
const MAX_BODY_BYTES = 512 * 1024;

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Refuses what no SDK sends: a web page's request (it has an Origin), a Host that is not a loopback address
 * (DNS rebinding), another method, path or content type.
 *
 * @returns the operation's name
 * @throws ServiceError
 */
export function operationName(request: IncomingMessage): string {
  const { headers, method, url } = request;
  if (headers.origin !== undefined)
    throw accessDenied("Requests from web pages (with an Origin header) are refused.");
  if (!LOOPBACK_HOST.test(headers.host ?? "")) {
    throw accessDenied("The Host header must be localhost, 127.0.0.0/8 or [::1].");
  }
  if (url !== "/") throw new ServiceError("UnknownOperationException", "The path must be /.", 404);
  if (method !== "POST") {
    throw new ServiceError("UnknownOperationException", "The method must be POST.", 405);
  }
  const target = headers["x-amz-target"];
  const isAwsJson = headers["content-type"]?.split(";")[0]?.trim() === CONTENT_TYPE;
  if (!isAwsJson || typeof target !== "string" || !target.startsWith(TARGET_PREFIX)) {
    throw new ServiceError(
      "UnknownOperationException",
      `The content type must be ${CONTENT_TYPE}, and X-Amz-Target ${TARGET_PREFIX}<operation>.`,
    );
  }
  return target.slice(TARGET_PREFIX.length);
}

/**
 * The request's JSON object.
 *
 * @throws ServiceError SerializationException; RequestEntityTooLarge over 512 KiB
 */
export async function readInput(request: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The socket stays open when the body is too large: the response is sent on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) {
      throw new ServiceError("RequestEntityTooLargeException", "The request is too large.", 413);
    }
    chunks.push(chunk);
  }
  let input: unknown;
  try {
    input = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw serializationError("The body is not JSON in UTF-8.");
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw serializationError("The body is not a JSON object.");
  }
  return input as Input;
}

/** Responds with an operation's output. */
export function sendOutput(
  response: ServerResponse,
  requestId: string,
  output: Readonly<Record<string, unknown>>,
): void {
  send(response, requestId, 200, output);
}

/**
 * Responds with an error: AWS JSON 1.1 names it in `__type`. On AWS the service's own errors have the member
 * `Message`, the front end's `message`; both are sent here, since clients read one or the other.
 */
export function sendError(response: ServerResponse, requestId: string, error: ServiceError): void {
  const { type, message, status } = error;
  send(response, requestId, status, { __type: type, Message: message, message });
}

function send(response: ServerResponse, requestId: string, status: number, body: object): void {
  const json = JSON.stringify(body);
  // The unread rest of the request would be read as the next one.
  if (!response.req.complete) response.setHeader("connection", "close");
  response.writeHead(status, {
    "content-type": CONTENT_TYPE,
    "content-length": Buffer.byteLength(json),
    "x-amzn-requestid": requestId,
    ...(status === 405 ? { allow: "POST" } : {}),
  });
  response.end(json);
}

function accessDenied(message: string): ServiceError {
  return new ServiceError("AccessDeniedException", message, 403);
}
