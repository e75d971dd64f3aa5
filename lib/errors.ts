import { UnusableSecret } from "./secrets/values.ts";

/**
 * An error as far as it may be logged. The message of an exception that the service sent, or of our
 * own, holds no secret; any other may quote the answer that it could not parse. A system error has
 * a code that says more than its name, such as ECONNREFUSED.
 */
export function describeError(error: unknown): { error: string; detail?: string } {
  if (error instanceof UnusableSecret) return { error: error.reason, detail: error.message };
  if (!(error instanceof Error)) return { error: typeof error };
  if ("$fault" in error && "$metadata" in error) {
    return { error: error.name, detail: error.message };
  }
  return { error: "code" in error && typeof error.code === "string" ? error.code : error.name };
}

/** Whether an error is the SDK's exception of that name. */
export function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
