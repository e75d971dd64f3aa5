import { json } from "../support/contract.ts";
import {
  header,
  IDENTITY,
  on,
  POCKETPAW_COOKIE,
  status,
  to,
  type WrongGateway,
  without,
} from "./change.ts";

const pocketPawLogin = () => json(200, { ok: true }, { "set-cookie": POCKETPAW_COOKIE });

export const PROXIED_FAULTS: readonly WrongGateway[] = [
  {
    title: "decodes a path for PocketPaw's login",
    rows: ["encoded-path"],
    ...on(to(/%2Flogin$/), pocketPawLogin),
  },
  {
    title: "sets PocketPaw's cookie beside a refusal",
    rows: ["encoded-path"],
    ...on(to(/%2Flogin$/), (right) => header("set-cookie", POCKETPAW_COOKIE)(status(403)(right))),
  },
  {
    title: "decodes a path twice for PocketPaw's login",
    rows: ["encoded-path"],
    ...on(to(/%252Flogin$/), pocketPawLogin),
  },
  {
    title: "decodes a path for PocketPaw's exchange",
    rows: ["encoded-path"],
    ...on(to(/^POST .*%2Fsession$/), () => json(200, { session_token: "2000000000:00" })),
  },
  {
    title: "lets an encoded path out of /static",
    rows: ["encoded-path"],
    ...on(to(/^GET \/static\/.*%2F/), () => json(200, {})),
  },
  {
    title: "cannot tell what an encoded path is",
    rows: ["encoded-path"],
    ...on(to(/%2F/), status(502)),
  },
  {
    title: "removes a slash on the way to PocketPaw's login",
    rows: ["extra-slash"],
    ...on(to(/^POST .*\/login\/$/), pocketPawLogin),
  },
  {
    title: "removes a slash on the way to PocketPaw's exchange",
    rows: ["extra-slash"],
    ...on(to(/^POST .*\/session\/$/), () => json(200, { session_token: "2000000000:00" })),
  },
  {
    title: "matches routes with an extra slash past the authorizer",
    rows: ["extra-slash"],
    ...on(to(/^GET .*\/\//), () => json(200, {})),
  },
  {
    title: "gives the page a policy without scripts",
    rows: ["page"],
    ...on(to(/^GET \/$/), header("content-security-policy", "script-src 'none'")),
  },
  {
    title: "has a PocketPaw that does not respond",
    rows: ["page"],
    ...on(to(/^GET \/$/), () => json(503, { message: "Service Unavailable" })),
  },
  { title: "responds 500 with a page", rows: ["page"], ...on(to(/^GET \/$/), status(500)) },
  {
    title: "has something else at the page's address",
    rows: ["page"],
    ...on(to(/^GET \/$/), header("content-type", "text/plain")),
  },
  {
    title: "has a PocketPaw with another master token",
    rows: ["pocketpaw"],
    ...on(to(IDENTITY), status(401)),
  },
  {
    title: "passes the client's cookie on to PocketPaw",
    rows: ["pocketpaw"],
    ...on(
      (asked, right) => to(IDENTITY)(asked, right) && /:000/.test(asked.headers.cookie ?? ""),
      status(401),
    ),
  },
  {
    title: "passes PocketPaw's own policy on",
    rows: ["policy"],
    ...on(to(IDENTITY), header("content-security-policy", "script-src 'self' https://cdn.example")),
  },
  {
    title: "fails at PocketPaw's API, under its own policy",
    rows: ["pocketpaw", "policy"],
    ...on(to(IDENTITY), status(503)),
  },
  {
    title: "has its policy on a success alone",
    rows: ["policy"],
    ...on(to(/^GET \/api\/smoke-test/), without("content-security-policy")),
  },
  {
    title: "lets a browser guess the type of a file",
    rows: ["policy"],
    ...on(to(IDENTITY), without("x-content-type-options")),
  },
];
