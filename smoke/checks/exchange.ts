import { randomUUID } from "node:crypto";
import { type Check, judge, type Problem } from "../check.ts";
import { headerOf, jsonOf, type Reply } from "../client.ts";
import { sessionCookies } from "../cookies.ts";

/** How far the gateway's clock and this machine's may differ. */
export const CLOCK_SECONDS = 300;

export const exchange: Check = {
  name: "exchange",
  claim: "the master token is exchanged for a session token, in a response that no cache keeps",
  advice:
    "compare with docs/architecture.md; if only the time differs, correct this machine's clock",
  async run({ session, hasPocketPaw, replies, now }) {
    const body = jsonOf(replies.exchange) ?? {};
    const hours = body.expires_in_hours;
    const isHours = typeof hours === "number" && Number.isInteger(hours);
    const seconds = session.exp - now() / 1000;
    const cookies = sessionCookies(replies.exchange).length;
    return judge(
      [
        replies.exchange.status !== 200 && `it responded ${replies.exchange.status}`,
        Object.keys(body).sort().join() !== "expires_in_hours,session_token" &&
          "the body has other fields than session_token and expires_in_hours",
        !(isHours && Math.abs(seconds - hours * 3600) < CLOCK_SECONDS) &&
          "the token's end is not expires_in_hours from now",
        ...isJsonAndNotStored(replies.exchange),
        hasPocketPaw &&
          cookies !== 1 &&
          "no session cookie, though PocketPaw is behind the gateway",
      ],
      `a session of ${hours} h`,
    );
  },
};

export const noSecondSession: Check = {
  name: "second-session",
  claim: "neither a session token nor a request without a token is exchanged for a session token",
  advice:
    "take the gateway offline and regenerate the master token: whoever has a session keeps it for ever",
  async run({ send, session }) {
    const headers = { authorization: `Bearer ${session.token}` };
    const [bySession, byNothing] = await Promise.all([
      send("POST /api/auth/session", { headers }),
      send("POST /api/auth/session"),
    ]);
    return judge([
      bySession.status !== 401 && `the exchange of a session token responded ${bySession.status}`,
      byNothing.status !== 401 && `the exchange without a token responded ${byNothing.status}`,
    ]);
  },
};

const CHALLENGE_NAMES = ["www-authenticate", "x-amzn-remapped-www-authenticate"];
const CHALLENGE = 'Bearer realm="pocketpaw"';

export const challenge: Check = {
  name: "challenge",
  claim: "401 has a challenge (RFC 6750), under the one name or the other",
  advice:
    "a proxy removes the header, or API Gateway renames it to a name that clients must be told",
  async run({ send }) {
    const wrong = { headers: { authorization: `Bearer ${randomUUID()}` } };
    const replies = await Promise.all([
      send("POST /api/auth/session"),
      send("POST /api/auth/session", wrong),
    ]);
    const names = replies.map((reply) => CHALLENGE_NAMES.find((name) => headerOf(reply, name)));
    const [missing, invalid] = replies.map((reply, i) => headerOf(reply, names[i] ?? ""));
    return judge(
      [
        ...replies.map(({ status }) => status !== 401 && `it responded ${status}`),
        missing !== CHALLENGE && "without a token there is no challenge, or another one",
        invalid !== `${CHALLENGE}, error="invalid_token"` &&
          "with a wrong token there is no challenge, or another one",
      ],
      `its name on this gateway: ${[...new Set(names)].join(", ")}`,
    );
  },
};

/** What every response of the gateway's own functions has. */
export function isJsonAndNotStored(reply: Reply): Problem[] {
  return [
    headerOf(reply, "cache-control") !== "no-store" && "cache-control is not no-store",
    headerOf(reply, "content-type")?.startsWith("application/json") !== true &&
      "content-type is not application/json",
  ];
}
