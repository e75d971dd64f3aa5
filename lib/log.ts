import type { Reason } from "./errors.ts";

/**
 * What may be logged, field by field, so that no token, key, header, cookie or query string gets into
 * a line as a part of a larger object.
 */
export interface LogEntry {
  readonly level: "INFO" | "WARN" | "ERROR";
  /** What happened. */
  readonly event:
    | "authorization"
    | "verification"
    | "session_exchange"
    | "login"
    | "logout"
    | "qr_code"
    | "token_regeneration"
    | "rotation_step"
    | "secret_read";
  readonly outcome?: "allowed" | "refused" | "done" | "failed";
  readonly reason?: Reason;
  /** The kind of credential that was accepted. */
  readonly method?: string;
  /** Stands for the token (lib/tokens/session-id.ts). */
  readonly sessionId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly sourceIp?: string | undefined;
  /** Behind CloudFront, the viewer's address; a client of the API's own address can make it up. */
  readonly viewerIp?: string | undefined;
  readonly secret?: "master_token" | "hmac_key";
  /** Of a rotation: the step, and the id of the version that it is about. */
  readonly step?: string;
  readonly versionId?: string;
  /** An exception's name, and its message where it is known to hold no secret. */
  readonly error?: string;
  readonly detail?: string;
  /** Seconds since the read of the value that is used in place of the one that could not be read. */
  readonly ageSeconds?: number | undefined;
}

export type Log = (entry: LogEntry) => void;

/** Lambda's log levels, from the lowest. */
const LEVELS: readonly unknown[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

// Lambda sets it from the function's LoggingConfig. Absent or unknown: every line is written.
const threshold = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL);

/**
 * Writes one line of JSON, unless its level is below Lambda's log level. It writes to stdout itself:
 * Lambda's console wraps a message in a record of its own, and metric filters would no longer see the
 * fields. Lambda filters structured lines of stdout by their level too; here, no lower line is made at all.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 */
export function writeLog(entry: LogEntry): void {
  if (LEVELS.indexOf(entry.level) < threshold) return;
  const timestamp = new Date().toISOString();
  process.stdout.write(`${JSON.stringify({ timestamp, ...entry })}\n`);
}
