import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { type Check, judge } from "../check.ts";
import { jsonOf, type Reply } from "../client.ts";
import { COOKIE } from "../cookies.ts";
import type { Gateway } from "../gateway.ts";

const PATH = "/api/auth/session";
const REFUSED = 403;
const HOUR = 3600;

type Place = "header" | "query" | "cookie";

/** Asks for the session's status with a token in one of the three places. */
function status({ send }: Gateway, place: Place, token: string): Promise<Reply> {
  switch (place) {
    case "header":
      return send(`GET ${PATH}`, { headers: { authorization: `Bearer ${token}` } });
    case "query":
      return send(`GET ${PATH}?token=${encodeURIComponent(token)}`);
    case "cookie":
      return send(`GET ${PATH}`, { headers: { cookie: `theme=dark; ${COOKIE}=${token}` } });
  }
}

const PLACES: readonly Place[] = ["header", "query", "cookie"];

function acceptedIn(place: Place, name: string, advice: string): Check {
  return {
    name,
    claim: `a session token in the ${name === "bearer" ? "header Authorization" : name} is accepted`,
    advice,
    async run(gateway) {
      const { token, exp } = gateway.session;
      const reply = await status(gateway, place, token);
      const body = jsonOf(reply);
      return judge([
        reply.status !== 200 && `it responded ${reply.status}`,
        (body?.authenticated !== true || body.method !== "session" || body.expires_at !== exp) &&
          "the body does not describe this session",
      ]);
    },
  };
}

const AUTHORIZER_LOG = "find the request's reason in the authorizer's log (docs/operations.md)";

export const bearer = acceptedIn("header", "bearer", AUTHORIZER_LOG);
export const query = acceptedIn("query", "query", AUTHORIZER_LOG);
export const cookie = acceptedIn("cookie", "cookie", AUTHORIZER_LOG);

const OPEN = "take the gateway offline: its routes are open. Is the authorizer attached to them?";

export const noCredential: Check = {
  name: "no-credential",
  claim: "without a credential the request is refused",
  advice: OPEN,
  async run({ send }) {
    const paths = ["/api/auth/session", "/api/v1/auth/session", "/api/qr"];
    return refusals(paths.map(async (path) => [path, await send(`GET ${path}`)]));
  },
};

export const forged: Check = {
  name: "forged",
  claim: "forged tokens are refused in the header, the query and the cookie",
  advice: OPEN,
  async run(gateway) {
    const { token, exp } = gateway.session;
    const mac = randomBytes(32).toString("hex");
    const tokens = {
      "a session token with another MAC": `session:${exp}:${mac}`,
      "a session token with one digit changed": token.replace(/.$/, (c) => (c === "0" ? "1" : "0")),
      "a session token with a later end": token.replace(String(exp), String(exp + HOUR)),
      "a pairing token with another MAC": `pair:${exp}:${exp}:${mac}`,
      "a PocketPaw token with another MAC": `${exp}:${mac}`,
      "a wrong master token": randomUUID(),
    };
    return refusedInAllPlaces(gateway, tokens);
  },
};

/**
 * Only PocketPaw tokens can be signed here, by the master token. Of the gateway's own, one with an end in the past
 * also has a wrong MAC.
 */
export const expired: Check = {
  name: "expired",
  claim: "expired tokens are refused in the header, the query and the cookie",
  advice: OPEN,
  async run(gateway) {
    const { session, hasPocketPaw, masterToken, now } = gateway;
    const past = Math.floor(now() / 1000) - HOUR;
    const ended = { "a session token": session.token.replace(String(session.exp), String(past)) };
    if (!hasPocketPaw) return refusedInAllPlaces(gateway, ended);
    const finding = await refusedInAllPlaces(gateway, {
      ...ended,
      "a PocketPaw token with the right MAC": pocketPawToken(masterToken, past),
    });
    if (finding.verdict !== "holds") return finding;
    // Else it might be refused for another reason than its end.
    const valid = await status(gateway, "header", pocketPawToken(masterToken, past + 2 * HOUR));
    return judge([valid.status !== 200 && `a PocketPaw token before its end got ${valid.status}`]);
  },
};

/** `<exp>:<mac>`, as PocketPaw signs it. */
function pocketPawToken(masterToken: string, exp: number): string {
  return `${exp}:${createHmac("sha256", masterToken).update(String(exp)).digest("hex")}`;
}

function refusedInAllPlaces(gateway: Gateway, tokens: Readonly<Record<string, string>>) {
  return refusals(
    Object.entries(tokens).flatMap(([name, token]) =>
      PLACES.map(async (place) => [`${name} in the ${place}`, await status(gateway, place, token)]),
    ),
  );
}

async function refusals(requests: readonly Promise<(string | Reply)[]>[]) {
  const replies = (await Promise.all(requests)) as [string, Reply][];
  return judge(
    replies.map(([what, { status }]) => status !== REFUSED && `${what}: ${status}, not ${REFUSED}`),
  );
}
