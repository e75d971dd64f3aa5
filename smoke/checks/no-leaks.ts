import { type Check, judge } from "../check.ts";

/** @param leaks what all responses before this check have shown */
export function noLeaks(leaks: () => readonly string[]): Check {
  return {
    name: "secrecy",
    claim: "no response of this run holds a token, a stack trace or the upstream secret",
    advice: "take the gateway offline, correct what shows it, and regenerate the master token",
    run: async () => judge(leaks()),
  };
}
