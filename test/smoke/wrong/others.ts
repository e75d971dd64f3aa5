import { type Answer, forbidden, json } from "../support/contract.ts";
import type { Fault } from "../support/gateway.ts";
import { header, IDENTITY, LOGOUT, on, STATUS, status, to, type WrongGateway } from "./change.ts";

const UNKNOWN = /^GET \/api\/smoke-test\//;
const REGENERATE = /^POST \/api\/token\/regenerate$/;

export const OTHER_FAULTS: readonly WrongGateway[] = [
  { title: "fails under ten requests at once", rows: ["latency"], ...tooManyAtOnce() },
  {
    title: "has no /healthz under /api/v1",
    rows: ["healthz"],
    ...on(to(/\/api\/v1\/healthz/), status(404)),
  },
  {
    title: "says that it is not well",
    rows: ["healthz"],
    ...on(to(/healthz/), () => json(200, {})),
  },
  {
    title: "responds 500 to GET /healthz, with the right body",
    rows: ["healthz"],
    ...on(to(/^GET .*healthz/), status(500)),
  },
  {
    title: "knows no HEAD of /healthz",
    rows: ["healthz"],
    ...on(to(/^HEAD /), status(405)),
  },
  { title: "keeps errors for the next client", rows: ["no-sharing"], ...keeps(404) },
  { title: "keeps refusals for the next client", rows: ["no-sharing"], ...keeps(403) },
  {
    title: "refuses a credential where PocketPaw has no route",
    rows: ["no-sharing"],
    ...on(to(UNKNOWN), () => forbidden),
  },
  {
    title: "shows the master token in an error",
    rows: ["secrecy"],
    ...on(
      (_, right) => right.status === 403,
      (_, __, contract) => json(403, { detail: `it is ${contract.masterToken()}` }),
    ),
  },
  {
    title: "shows the master token in a cookie",
    rows: ["secrecy"],
    ...on(to(IDENTITY), (right, _, contract) =>
      header("set-cookie", `x=${contract.masterToken()}`)(right),
    ),
  },
  {
    title: "shows the session token in a header",
    rows: ["secrecy"],
    ...on(
      ({ query }) => query.has("token"),
      (right, { query }) => header("location", `/?token=${query.get("token")}`)(right),
    ),
  },
  {
    title: "shows a stack trace",
    rows: ["secrecy"],
    ...on(
      (_, right) => right.status === 404,
      (right) => ({ ...right, body: '{"errorType":"Error","stackTrace":[]}' }),
    ),
  },
  {
    title: "shows the upstream secret",
    rows: ["secrecy"],
    ...on(to(IDENTITY), header("x-origin-verify", "secret")),
  },
  {
    title: "closes the connection at a logout",
    rows: ["logout", "own-origin", "foreign-origin"],
    ...on(to(LOGOUT), () => "no response"),
  },
  {
    title: "responds to a regeneration without a new token",
    rows: ["regeneration"],
    ...on(to(REGENERATE, 200), () => json(200, {})),
  },
  {
    title: "lets pages of other origins regenerate",
    rows: ["regeneration"],
    ...on(to(REGENERATE, 403), () => json(200, { token: "new" })),
  },
  { title: "does not end sessions at a regeneration", rows: ["regeneration"], ...forgetful() },
];

function tooManyAtOnce(): Pick<Fault, "answer"> {
  let requests = 0;
  return on(to(STATUS), (right) => {
    requests += 1;
    return requests === 5 ? json(429, { message: "Too Many Requests" }) : right;
  });
}

/** By path alone, as CloudFront does. */
function keeps(status: number): Pick<Fault, "answer"> {
  const kept = new Map<string, Answer>();
  return on(to(UNKNOWN), (right, { path }) => {
    const found = kept.get(path);
    if (right.status === status) kept.set(path, right);
    return found ?? right;
  });
}

function forgetful(): Pick<Fault, "answer"> {
  const accepted = new Map<string, Answer>();
  return on(to(STATUS), (right, { headers }) => {
    const { authorization = "" } = headers;
    if (right.status === 200) accepted.set(authorization, right);
    return (authorization !== "" && accepted.get(authorization)) || right;
  });
}
