import { type Asked, forbidden, json } from "../support/contract.ts";
import { type Condition, on, STATUS, status, to, type WrongGateway } from "./change.ts";

/** Requests that the contract refuses. */
function refused(is: (asked: Asked) => boolean): Condition {
  return (asked, right) => to(STATUS, 403)(asked, right) && is(asked);
}

const letIn = () => json(200, {});

const tokensOf = ({ headers, query }: Asked) =>
  [headers.authorization, headers.cookie, query.get("token")].filter((text) => text != null);
const hasToken = (asked: Asked) => tokensOf(asked).length > 0;
const isExpired = (asked: Asked) =>
  tokensOf(asked).some((text) => {
    const exp = Number(/(\d+):[0-9a-f]{64}$/.exec(text)?.[1]);
    return exp < Date.now() / 1000;
  });
const isForged = (asked: Asked) => hasToken(asked) && !isExpired(asked);

/** A gateway that does not look for a session token in one place. */
function blindTo(place: string, row: string, has: (asked: Asked) => boolean): WrongGateway {
  return {
    title: `does not look for a session token in the ${place}`,
    // Two other rows use the header.
    rows: row === "bearer" ? ["latency", row, "no-sharing"] : [row],
    ...on(
      (asked, right) => to(STATUS)(asked, right) && has(asked),
      () => forbidden,
    ),
  };
}

export const CREDENTIAL_FAULTS: readonly WrongGateway[] = [
  blindTo("header", "bearer", ({ headers }) => /session:/.test(headers.authorization ?? "")),
  blindTo("query", "query", ({ query }) => query.has("token")),
  blindTo("cookie", "cookie", ({ headers }) => /=session:/.test(headers.cookie ?? "")),
  {
    title: "misstates the session's end",
    rows: ["bearer", "query", "cookie"],
    ...on(to(STATUS, 200), (right) => ({ ...right, body: right.body.replace(/\d+}/, "9}") })),
  },
  {
    title: "responds 201 to a session's status",
    rows: ["latency", "bearer", "query", "cookie", "no-sharing", "expired", "login"],
    ...on(to(STATUS, 200), status(201)),
  },
  {
    title: "is open without a credential",
    rows: ["no-credential", "no-sharing"],
    ...on(
      refused((asked) => !hasToken(asked)),
      status(200),
    ),
  },
  {
    title: "shows its QR code without a credential",
    rows: ["no-credential"],
    ...on(to(/^GET \/api\/qr$/), status(200)),
  },
  { title: "accepts forged tokens", rows: ["forged"], ...on(refused(isForged), letIn) },
  {
    title: "responds 500 to forged tokens",
    rows: ["forged"],
    ...on(refused(isForged), status(500)),
  },
  {
    title: "accepts forged tokens in the cookie alone",
    rows: ["forged"],
    ...on(
      refused((asked) => isForged(asked) && asked.headers.cookie !== undefined),
      letIn,
    ),
  },
  { title: "accepts expired tokens", rows: ["expired"], ...on(refused(isExpired), letIn) },
  {
    title: "accepts expired PocketPaw tokens with the right MAC",
    rows: ["expired"],
    ...on(
      refused((asked) => isExpired(asked) && !/session:/.test(tokensOf(asked).join())),
      letIn,
    ),
  },
  {
    title: "refuses PocketPaw tokens before their end",
    rows: ["expired"],
    ...on(
      (asked, right) =>
        to(STATUS, 200)(asked, right) && /^Bearer \d/.test(asked.headers.authorization ?? ""),
      () => forbidden,
    ),
  },
  {
    title: "accepts expired tokens, without PocketPaw",
    rows: ["expired"],
    hasPocketPaw: false,
    ...on(refused(isExpired), letIn),
  },
];
