import { fieldOf } from "./fields.ts";

/** What a log line says of the request. */
export interface RequestInfo {
  readonly requestId?: string;
  readonly sourceIp?: string;
}

/**
 * Request id and source address of an API Gateway event of any kind: HTTP API 2.0 has the address in
 * `requestContext.http`, all others in `requestContext.identity`. A TOKEN event has neither, so that
 * its request id is Lambda's own. A malformed event yields less, and never throws.
 *
 * A REST API lets a client choose `requestId` by a header, and so write what it likes into our log;
 * `extendedRequestId`, which it has beside it, is API Gateway's own.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 *
 * @param event of any kind
 * @param context Lambda's
 */
export function requestInfoOf(event: unknown, context: unknown): RequestInfo {
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
