/**
 * What may be logged, field by field, so that no token, key, header, cookie or query string can slip
 * in with a larger object.
 */
export interface LogEntry {
  readonly level: "INFO" | "WARN" | "ERROR";
  /** What happened, e.g. `session_exchange`. */
  readonly event: string;
  readonly outcome?: "allowed" | "refused" | "done" | "failed";
  /** A stable code, e.g. `bad_mac`. */
  readonly reason?: string;
  readonly method?: string;
  /** The first 16 hex digits of SHA-256(token): stands for a token, and is none. */
  readonly sessionId?: string;
  readonly requestId?: string;
  readonly sourceIp?: string;
  readonly secret?: "master_token" | "hmac_key";
  /** Of a rotation: the step, and the version of the secret that it is about. */
  readonly step?: string;
  readonly versionId?: string;
  /** An exception's name, and its message where it is known to hold no secret. */
  readonly error?: string;
  readonly detail?: string;
  /** The age of the secret that is used in place of the one that could not be read. */
  readonly ageSeconds?: number;
}

export type Log = (entry: LogEntry) => void;

/**
 * Writes one line of JSON. Straight to stdout: Lambda's console adds a frame of its own around a
 * message, and metric filters could no longer see the fields. `level` and `timestamp` are what
 * Lambda's log level filter reads.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function writeLog(entry: LogEntry): void {
  const timestamp = new Date().toISOString();
  process.stdout.write(`${JSON.stringify({ timestamp, ...entry })}\n`);
}
