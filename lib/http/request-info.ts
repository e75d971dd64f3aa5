import type { LogEntry } from "../log.ts";
import { fieldOf } from "./fields.ts";
import type { Headers } from "./headers.ts";

/** What a log line says of the request. */
export type RequestInfo = Pick<LogEntry, "requestId" | "sourceIp" | "viewerIp">;

/** An IPv4 or IPv6 address, roughly: what a client can make up must not be more than that. */
const ADDRESS = /^[0-9a-f.:]{2,45}$/i;

/**
 * Request id and addresses of an API Gateway event of any kind: HTTP API 2.0 has the source address in
 * `requestContext.http`, all others in `requestContext.identity`. A TOKEN event has neither, so that
 * its request id is Lambda's own. A malformed event yields less, and never throws.
 *
 * A REST API lets a client choose `requestId` by a header, and so write what it likes into our log;
 * `extendedRequestId`, which it has beside it, is API Gateway's own.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 *
 * Behind CloudFront the source address is CloudFront's. CloudFront appends the viewer's address to
 * `X-Forwarded-For`, and API Gateway appends CloudFront's, so that the viewer's is the last but one.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 *
 * @param event of any kind
 * @param headers the event's
 * @param context Lambda's
 */
export function requestInfoOf(event: unknown, headers: Headers, context: unknown): RequestInfo {
  const request = fieldOf(event, "requestContext");
  const requestId =
    text(fieldOf(request, "extendedRequestId")) ??
    text(fieldOf(request, "requestId")) ??
    text(fieldOf(context, "awsRequestId"));
  const sourceIp =
    text(fieldOf(fieldOf(request, "http"), "sourceIp")) ??
    text(fieldOf(fieldOf(request, "identity"), "sourceIp"));
  const viewerIp = headers("x-forwarded-for").join(",").split(",").at(-2)?.trim();
  return {
    requestId,
    sourceIp,
    viewerIp: viewerIp && ADDRESS.test(viewerIp) ? viewerIp : undefined,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
