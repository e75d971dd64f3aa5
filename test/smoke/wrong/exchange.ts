import { json } from "../support/contract.ts";
import { EXCHANGE, header, on, status, to, type WrongGateway, without } from "./change.ts";

export const EXCHANGE_FAULTS: readonly WrongGateway[] = [
  {
    title: "lets a cache keep the session token",
    rows: ["exchange"],
    ...on(to(EXCHANGE), header("cache-control", "max-age=60")),
  },
  {
    title: "calls the exchange's body text",
    rows: ["exchange"],
    ...on(to(EXCHANGE), header("content-type", "text/plain")),
  },
  {
    title: "has more in the exchange's body",
    rows: ["exchange"],
    ...on(to(EXCHANGE, 200), (right) => ({
      ...right,
      body: JSON.stringify({ ...JSON.parse(right.body), user: "x" }),
    })),
  },
  {
    title: "misstates the session's length",
    rows: ["exchange"],
    ...on(to(EXCHANGE, 200), (right) => ({
      ...right,
      body: JSON.stringify({ ...JSON.parse(right.body), expires_in_hours: 25 }),
    })),
  },
  {
    title: "sets no cookie at the exchange, though PocketPaw is behind it",
    rows: ["exchange"],
    ...on(to(EXCHANGE), without("set-cookie")),
  },
  {
    title: "responds 201 to an exchange",
    rows: ["exchange"],
    ...on(to(EXCHANGE, 200), status(201)),
  },
  {
    title: "gives a session token to anyone",
    rows: ["second-session", "challenge"],
    ...on(
      (asked, right) => to(EXCHANGE)(asked, right) && asked.headers.authorization === undefined,
      (_, __, contract) => json(200, { session_token: contract.newSession(2e9) }),
    ),
  },
  {
    title: "exchanges a session token for another one",
    rows: ["second-session"],
    ...on(
      (asked, right) =>
        to(EXCHANGE)(asked, right) && asked.headers.authorization?.includes("session:") === true,
      (_, __, contract) => json(200, { session_token: contract.newSession(2e9) }),
    ),
  },
  {
    title: "responds 400 to a wrong token",
    rows: ["challenge"],
    ...on(
      (asked, right) =>
        to(EXCHANGE, 401)(asked, right) && /^Bearer [^s]/.test(asked.headers.authorization ?? ""),
      status(400),
    ),
  },
  {
    title: "has a challenge for a wrong token alone",
    rows: ["challenge"],
    ...on(
      (asked, right) => to(EXCHANGE)(asked, right) && asked.headers.authorization === undefined,
      without("www-authenticate"),
    ),
  },
  {
    title: "has no challenge",
    rows: ["challenge"],
    ...on(to(EXCHANGE), without("www-authenticate")),
  },
  {
    title: "does not tell a wrong token from none",
    rows: ["challenge"],
    ...on(to(EXCHANGE, 401), header("www-authenticate", 'Bearer realm="pocketpaw"')),
  },
];
