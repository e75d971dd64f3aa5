import { failureReasonOf } from "../errors.ts";
import { type HttpResponse, internalError, unavailable } from "../http/response.ts";
import type { Log, LogEntry } from "../log.ts";

/**
 * Logs what ended a request, and makes its response: 503 while the secrets cannot be used, 500 for an error
 * of our own. Neither lets anyone in.
 */
export function failed(error: unknown, entry: Omit<LogEntry, "level">, log: Log): HttpResponse {
  const details = failureReasonOf(error);
  log({ level: "ERROR", ...entry, outcome: "failed", ...details });
  return details.reason === "internal_error" ? internalError() : unavailable();
}
