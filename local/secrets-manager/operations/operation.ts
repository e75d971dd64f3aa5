import type { Input } from "../input.ts";
import type { Secret, State } from "../state.ts";

/** What an operation needs besides its input. */
export interface Context {
  /** Unix milliseconds. */
  readonly now: number;
  /** A random whole number from 0 up to and without its argument. */
  readonly randomInt: (below: number) => number;
}

/** An operation's result: the same state object when it changes nothing. */
export interface Outcome {
  readonly state: State;
  /** The response's JSON; members that are undefined are left out. */
  readonly output: Readonly<Record<string, unknown>>;
}

/**
 * One operation of Secrets Manager: a pure function, apart from its context.
 *
 * @throws ServiceError when the response is an error; then nothing changes
 */
export type Operation = (state: State, input: Input, context: Context) => Outcome;

/** The two members that almost every response has. */
export function identity(secret: Secret): { ARN: string; Name: string } {
  return { ARN: secret.arn, Name: secret.name };
}

/** A time as AWS JSON 1.1 writes it: unix seconds with a fraction. */
export function timestamp(milliseconds: number): number {
  return milliseconds / 1000;
}
