import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { type Caller, callerOf } from "../auth/caller.ts";
import { failureReasonOf, type Reason } from "../errors.ts";
import { type Request, readRequest } from "../http/request.ts";
import type { RequestInfo } from "../http/request-info.ts";
import { type HttpResponse, internalError, unauthorized, unavailable } from "../http/response.ts";
import type { Log, LogEntry } from "../log.ts";

/**
 * A function behind an HTTP API (payload 2.0). It never throws: what `respond` rejects with is logged, and is 503
 * while the secrets cannot be used, and 500 for an error of our own. Neither lets anyone in.
 *
 * @param event the name of its log lines
 * @param respond `note` writes a log line about the request
 * @param read opens the event of API Gateway
 */
export function httpFunction(
  log: Log,
  event: LogEntry["event"],
  respond: (request: Request, note: Note) => Promise<HttpResponse>,
  read = readRequest,
) {
  return async (input: APIGatewayProxyEventV2, context?: Context): Promise<HttpResponse> => {
    const request = read(input, context);
    const note = noteOf(log, event, request);
    return respond(request, note).catch((error: unknown) => failed(error, note));
  };
}

/** The same behind the authorizer. One that was attached without it refuses every request (401). */
export function behindAuthorizer(
  log: Log,
  event: LogEntry["event"],
  respond: (request: Request, caller: Caller, note: Note) => Promise<HttpResponse>,
) {
  return httpFunction(log, event, async (request, noteRequest) => {
    const caller = callerOf(request);
    if (caller === undefined) return unauthorized("Unauthorized");
    const { method, sessionId } = caller;
    const note: Note = (line) => noteRequest({ ...line, method, sessionId });
    return respond(request, caller, note).catch((error: unknown) => failed(error, note));
  });
}

function failed(error: unknown, note: Note): HttpResponse {
  return noteFailure(error, note) === "internal_error" ? internalError() : unavailable();
}

/** Writes the log line of what ended a request, and returns its reason. */
export function noteFailure(error: unknown, note: Note): Reason {
  const details = failureReasonOf(error);
  note({ level: "ERROR", outcome: "failed", ...details });
  return details.reason;
}

/** Writes a log line about one request. What all its lines have in common is added. */
export type Note = (line: Omit<LogEntry, "event" | keyof RequestInfo>) => void;

/** What writes the log lines of one request. */
export function noteOf(log: Log, event: LogEntry["event"], { info }: Request): Note {
  return ({ level, ...line }) => log({ level, event, ...info, ...line });
}
