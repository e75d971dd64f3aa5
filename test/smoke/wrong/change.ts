import type { Answer, Asked, Contract } from "../support/contract.ts";
import type { Fault } from "../support/gateway.ts";

/** A wrong gateway, and the rows that say so: these and no others. */
export interface WrongGateway extends Fault {
  readonly title: string;
  readonly rows: readonly string[];
  /** Whether PocketPaw is behind it; yes unless said otherwise. */
  readonly hasPocketPaw?: boolean;
}

export type Condition = (asked: Asked, right: Answer) => boolean;

/** Changes the response to some requests. */
export function on(
  isIt: Condition,
  change: (right: Answer, asked: Asked, contract: Contract) => Answer | "no response",
): Pick<Fault, "answer"> {
  return {
    answer: (right, asked, contract) =>
      isIt(asked, right) ? change(right, asked, contract) : right,
  };
}

/** Requests by a pattern of method and path, and by the contract's status where it is given. */
export function to(pattern: RegExp, status?: number): Condition {
  return ({ method, path }, right) =>
    pattern.test(`${method} ${path}`) && (status === undefined || status === right.status);
}

export const STATUS = /^GET \/api\/auth\/session$/;
export const EXCHANGE = /^POST \/api\/auth\/session$/;
export const LOGIN = /^POST \/api\/auth\/login$/;
export const LOGOUT = /^POST \/api\/auth\/logout$/;
export const IDENTITY = /^GET \/api\/identity$/;

export const status = (value: number) => (right: Answer) => ({ ...right, status: value });

export function header(name: string, value: string | string[]) {
  return (right: Answer) => ({ ...right, headers: { ...right.headers, [name]: value } });
}

export function without(name: string) {
  return (right: Answer) => ({
    ...right,
    headers: Object.fromEntries(Object.entries(right.headers).filter(([key]) => key !== name)),
  });
}

export function cookie(change: (cookie: string) => string) {
  return (right: Answer) =>
    header("set-cookie", change(String(right.headers["set-cookie"] ?? "")))(right);
}

/** Sets the session cookie once more. */
export const twice = (right: Answer) =>
  header("set-cookie", [String(right.headers["set-cookie"]), POCKETPAW_COOKIE])(right);

/** A cookie as PocketPaw's own login would set it. */
export const POCKETPAW_COOKIE = `pocketpaw_session=1:${"0".repeat(64)}; Path=/`;
