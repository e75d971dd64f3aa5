import { fieldOf } from "./fields.ts";

/** Who asked, as far as a log line tells. */
export interface Caller {
  readonly requestId?: string;
  readonly sourceIp?: string;
}

/**
 * The caller out of an API Gateway event of any kind: HTTP API 2.0 has the address in
 * `requestContext.http`, all others in `requestContext.identity`. A TOKEN event knows neither, so
 * that its request id is Lambda's own. An odd event yields less, and never throws.
 *
 * A REST API lets a client choose `requestId` by a header, and so write into our log what it likes;
 * `extendedRequestId`, which it has beside it, is API Gateway's own.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export function callerOf(event: unknown, context: unknown): Caller {
  const request = fieldOf(event, "requestContext");
  const requestId =
    text(fieldOf(request, "extendedRequestId")) ??
    text(fieldOf(request, "requestId")) ??
    text(fieldOf(context, "awsRequestId"));
  const sourceIp =
    text(fieldOf(fieldOf(request, "http"), "sourceIp")) ??
    text(fieldOf(fieldOf(request, "identity"), "sourceIp"));
  return { ...(requestId && { requestId }), ...(sourceIp && { sourceIp }) };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
