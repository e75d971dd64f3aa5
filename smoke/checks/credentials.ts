import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { type Ask, type Check, type Checks, judge, lacks, problemsOf } from "../check.ts";
import { bearer, headerOf, jsonOf, sessionCookies } from "../client.ts";
import { CHALLENGE_NAMES, EXCHANGE, type Gateway, STATUS, sessionOf } from "../gateway.ts";

/** How far the gateway's clock and this machine's may differ. */
export const CLOCK_SECONDS = 300;
const HOUR = 3600;
const PAIRS = 5;

/** Asks for the session's status with a token in each of the three places. */
function inAllPlaces({ cookieName }: Gateway, status: number, token: string, what = "it"): Ask[] {
  return [
    [status, STATUS, bearer(token), `${what} in the header`],
    [status, `${STATUS}?token=${encodeURIComponent(token)}`, {}, `${what} in the query`],
    [status, STATUS, { cookie: `theme=dark; ${cookieName}=${token}` }, `${what} in the cookie`],
  ];
}

function acceptedIn(place: number): Check {
  return {
    asks: (gateway) => inAllPlaces(gateway, 200, gateway.session.token).slice(place, place + 1),
    also: (reply, _, { session: { exp } }) => {
      const { authenticated, method, expires_at } = jsonOf(reply);
      const isThis = authenticated === true && method === "session" && expires_at === exp;
      return [!isThis && "the body does not describe this session"];
    },
  };
}

/** A token that PocketPaw accepts for an hour: `<exp>:<hmac-sha256(master token, exp)>`. */
export function pocketPawToken({ masterToken }: Gateway): string {
  const exp = Math.floor(Date.now() / 1000) + HOUR;
  return `${exp}:${createHmac("sha256", masterToken).update(String(exp)).digest("hex")}`;
}

/** The session's token with another end, which makes its MAC wrong as well: nobody outside can sign one. */
export function withEnd({ session: { token, exp } }: Gateway, end: number): string {
  return token.replace(String(exp), String(Math.floor(end)));
}

export const CREDENTIALS: Checks = {
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
  bearer: acceptedIn(0),
  query: acceptedIn(1),
  cookie: acceptedIn(2),
  "no-credential": {
    asks: () =>
      ["auth/session", "v1/auth/session", "qr", "v1/qr"].map((path) => [403, `GET /api/${path}`]),
  },
  "no-sharing": {
    async run(gateway) {
      const headers = bearer(gateway.session.token);
      const pair: Ask[] = [
        [200, STATUS, headers, "at once, with the credential"],
        [403, STATUS, {}, "at once, without a credential"],
      ];
      const problems = await problemsOf(gateway, Array(PAIRS).fill(pair).flat());
      // PocketPaw has no such route. CloudFront caches 404 and 5xx if it is not told otherwise.
      const unknown = `GET /api/smoke-test/${randomUUID()}`;
      const inTurn: Ask[] = [
        [[404, 503], unknown, headers, "an error, with the credential"],
        [403, unknown, {}, "after it, without a credential"],
        [[404, 503], unknown, headers, "after that, with the credential"],
      ];
      for (const ask of gateway.hasPocketPaw ? inTurn : []) {
        problems.push(...(await problemsOf(gateway, [ask])));
      }
      return judge(problems);
    },
  },
  forged: {
    asks: (gateway) => {
      const { token, exp } = gateway.session;
      const mac = randomBytes(32).toString("hex");
      const otherDigit = token.replace(/.$/, (digit) => (digit === "0" ? "1" : "0"));
      const tokens = {
        "a session token with another MAC": `session:${exp}:${mac}`,
        "a session token with one digit changed": otherDigit,
        "a session token with a later end": withEnd(gateway, exp + HOUR),
        "a pairing token with another MAC": `pair:${exp}:${exp}:${mac}`,
        "a PocketPaw token, with the right MAC": pocketPawToken(gateway),
        "a wrong master token": randomUUID(),
      };
      return [
        ...Object.entries(tokens).flatMap(([name, it]) => inAllPlaces(gateway, 403, it, name)),
        [403, STATUS, { cookie: `pocketpaw_session=${token}` }, "PocketPaw's cookie"],
      ];
    },
  },
  expired: {
    asks: (gateway) => inAllPlaces(gateway, 403, withEnd(gateway, Date.now() / 1000 - HOUR)),
  },
};
