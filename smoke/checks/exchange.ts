import { randomUUID } from "node:crypto";
import { type Ask, type Checks, judge, lacks, problemsOf } from "../check.ts";
import { bearer, headerOf, jsonOf } from "../client.ts";
import { sessionCookies } from "../cookies.ts";
import { CHALLENGE_NAMES, EXCHANGE, sessionOf } from "../gateway.ts";

/** How far the gateway's clock and this machine's may differ. */
export const CLOCK_SECONDS = 300;

export const EXCHANGE_CHECKS: Checks = {
  healthz: {
    asks: () =>
      ["GET", "HEAD"].flatMap((method): Ask[] => [
        [200, `${method} /healthz`],
        [200, `${method} /api/v1/healthz`],
      ]),
    also: (reply, what) => [
      what.startsWith("GET") && jsonOf(reply).ok !== true && "it has another body",
    ],
  },
  exchange: {
    asks: ({ masterToken }) => [[200, EXCHANGE, bearer(masterToken)]],
    also: (reply, _, { hasPocketPaw }) => {
      const { session_token, expires_in_hours, ...others } = jsonOf(reply);
      const seconds = (sessionOf(session_token)?.exp ?? 0) - Date.now() / 1000;
      const difference = Math.abs(seconds - Number(expires_in_hours) * 3600);
      return [
        !Number.isInteger(expires_in_hours) && "expires_in_hours is no integer",
        !(difference < CLOCK_SECONDS) && "the token's end is not expires_in_hours from now",
        Object.keys(others).length > 0 && "the body has other fields",
        sessionCookies(reply).length !== (hasPocketPaw ? 1 : 0) &&
          "a session cookie is missing with PocketPaw behind the gateway, or there without it",
        ...lacks(reply, "cache-control no-store; content-type application/json"),
      ];
    },
  },
  "second-session": {
    asks: ({ session }) => [
      [401, EXCHANGE, bearer(session.token), "with a session token"],
      [401, EXCHANGE, {}, "without a token"],
    ],
  },
  challenge: {
    async run(gateway) {
      const names = new Set<string>();
      const asks: Ask[] = [
        [401, EXCHANGE, {}, 'Bearer realm="pocketpaw"'],
        [401, EXCHANGE, bearer(randomUUID()), 'Bearer realm="pocketpaw", error="invalid_token"'],
      ];
      const problems = await problemsOf(gateway, asks, (reply, wanted) => {
        const name = CHALLENGE_NAMES.find((each) => headerOf(reply, each)) ?? "";
        names.add(name);
        return [headerOf(reply, name) !== wanted && "no challenge, or another one"];
      });
      return judge(problems, `its name on this gateway: ${[...names].join(", ")}`);
    },
  },
};
