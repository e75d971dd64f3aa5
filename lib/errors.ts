/** Why a credential or a request was refused. */
export type RefusalReason =
  | "missing"
  | "malformed"
  | "expired"
  | "bad_mac"
  | "wrong_master"
  | "cross_origin"
  | "odd_path"
  | "malformed_event"
  | "invalid_body"
  | "body_too_large";

/** Why a secret that was read cannot be used. */
export type UnusableReason =
  | "secret_binary"
  | "secret_empty"
  | "secret_json_invalid"
  | "master_token_not_visible_ascii"
  | "hmac_key_too_short";

/** Why a request to PocketPaw brought no new master token. */
export type UpstreamReason = "upstream_unreachable" | "upstream_refused" | "upstream_failed";

/** Every reason code: stable, for the log, the alarms and the documentation (docs/operations.md). */
export type Reason =
  | RefusalReason
  | UnusableReason
  | UpstreamReason
  | "secrets_unavailable"
  | "secrets_unusable"
  | "overtaken"
  | "not_stored"
  | "step_refused"
  | "bad_settings"
  | "internal_error";

/** What this project throws on purpose. The message never holds a secret, so that it may be logged. */
export class GatewayError<R extends Reason = Reason> extends Error {
  readonly reason: R;

  constructor(reason: R, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A secret exists, but its value cannot be used. */
export class UnusableSecret extends GatewayError<UnusableReason> {
  override readonly name = "UnusableSecret";
}

/** Secrets Manager could not be asked, or refused. The cause is the SDK's exception or Node's error. */
export class SecretsUnavailable extends GatewayError {
  override readonly name = "SecretsUnavailable";

  constructor(cause: unknown) {
    super("secrets_unavailable", "Secrets Manager could not be asked", { cause });
  }
}

/** PocketPaw did not do what it was asked for. The message may be shown to the client. */
export class UpstreamFailed extends GatewayError<UpstreamReason> {
  override readonly name = "UpstreamFailed";
}

/**
 * The caller's master token has been replaced already, or its replacement is no longer in force: the
 * caller gets no token.
 */
export class Overtaken extends GatewayError {
  override readonly name = "Overtaken";

  constructor() {
    super("overtaken", "the master token was replaced by another request");
  }
}

/** A new master token exists, but could not be stored. */
export class NotStored extends GatewayError {
  override readonly name = "NotStored";
  /** The new master token. */
  readonly token: string;

  constructor(token: string, cause: unknown) {
    super("not_stored", "the new master token could not be stored", { cause });
    this.token = token;
  }
}

/** A step of a rotation was refused, and nothing was changed. */
export class StepRefused extends GatewayError {
  override readonly name = "StepRefused";

  constructor(message: string) {
    super("step_refused", message);
  }
}

/** A function must not run with these settings. */
export class BadSettings extends GatewayError {
  override readonly name = "BadSettings";

  /** @param problems one sentence each, without the full stop */
  constructor(problems: readonly string[]) {
    super("bad_settings", `Bad settings: ${problems.join(". ")}.`);
  }
}

/**
 * An error as far as it may be logged. The message of an exception that the service sent, or of our
 * own, holds no secret; any other may quote the response that it could not parse. A system error has
 * a code that says more than its name, such as ECONNREFUSED.
 */
export function describeError(error: unknown): { error: string; detail?: string } {
  if (error instanceof SecretsUnavailable) return describeError(error.cause);
  if (error instanceof UnusableSecret) return { error: error.reason, detail: error.message };
  if (error instanceof GatewayError) return { error: error.name, detail: error.message };
  if (!(error instanceof Error)) return { error: typeof error };
  if ("$fault" in error && "$metadata" in error) {
    return { error: error.name, detail: error.message };
  }
  return { error: "code" in error && typeof error.code === "string" ? error.code : error.name };
}

/** Whether an error is the SDK's exception of that name. */
export function isNamed(error: unknown, name: string): boolean {
  const thrown = error instanceof SecretsUnavailable ? error.cause : error;
  return thrown instanceof Error && thrown.name === name;
}

/** What ended a request: the secrets, or an error of our own, of which the log has the name alone. */
export function failureReasonOf(error: unknown): {
  readonly reason: Reason;
  readonly error?: string;
} {
  if (error instanceof UnusableSecret) return { reason: "secrets_unusable" };
  if (error instanceof SecretsUnavailable) return { reason: "secrets_unavailable" };
  return { reason: "internal_error", error: error instanceof Error ? error.name : typeof error };
}
