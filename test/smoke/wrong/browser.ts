import { forbidden } from "../support/contract.ts";
import {
  cookie,
  header,
  LOGIN,
  LOGOUT,
  on,
  POCKETPAW_COOKIE,
  status,
  to,
  twice,
  type WrongGateway,
  without,
} from "./change.ts";

/** Wrong attributes, at login and at logout. */
const ATTRIBUTE_FAULTS = Object.entries<(cookie: string) => string>({
  "lets scripts read the cookie": (text) => text.replace(" HttpOnly;", ""),
  "sends the cookie with requests of other sites": (text) => text.replace("Lax", "None"),
  "limits the cookie to a path": (text) => text.replace("Path=/;", "Path=/api;"),
  "shares the cookie with other hosts": (text) => `${text}; Domain=example.com`,
  "sets the cookie Secure where there is no TLS": (text) => `${text}; Secure`,
}).flatMap(([title, change]): WrongGateway[] => [
  { title: `${title}, at login`, rows: ["login"], ...on(to(LOGIN, 200), cookie(change)) },
  { title: `${title}, at logout`, rows: ["logout"], ...on(to(LOGOUT, 200), cookie(change)) },
]);

export const BROWSER_FAULTS: readonly WrongGateway[] = [
  ...ATTRIBUTE_FAULTS,
  {
    title: "keeps the cookie for a year",
    rows: ["login"],
    ...on(
      to(LOGIN, 200),
      cookie((text) => text.replace(/Max-Age=\d+/, "Max-Age=31536000")),
    ),
  },
  {
    title: "responds 201 to a login",
    rows: ["login", "own-origin"],
    ...on(to(LOGIN, 200), status(201)),
  },
  { title: "sets two cookies at login", rows: ["login"], ...on(to(LOGIN, 200), twice) },
  {
    title: "sets a cookie that PocketPaw does not understand",
    rows: ["login", "websocket"],
    ...on(to(LOGIN, 200), (right, _, contract) =>
      cookie((text) => text.replace(/=[^;]*/, `=${contract.newSession(2e9)}`))(right),
    ),
  },
  {
    title: "sets a cookie that nothing accepts",
    rows: ["login", "own-origin", "pocketpaw", "websocket"],
    ...on(
      to(LOGIN, 200),
      cookie((text) => text.replace(/:[0-9a-f]{64}/, `:${"0".repeat(64)}`)),
    ),
  },
  {
    title: "responds 400 to a login with a wrong token",
    rows: ["login"],
    ...on(to(LOGIN, 401), status(400)),
  },
  {
    title: "responds 204 to a logout",
    rows: ["logout", "own-origin"],
    ...on(to(LOGOUT, 200), status(204)),
  },
  { title: "sets two cookies at logout", rows: ["logout"], ...on(to(LOGOUT, 200), twice) },
  {
    title: "lets its own page not log out",
    rows: ["own-origin"],
    ...on(
      (asked, right) => to(LOGOUT)(asked, right) && asked.headers.origin === asked.origin,
      () => forbidden,
    ),
  },
  {
    title: "sets a cookie beside the refusal of another origin",
    rows: ["foreign-origin"],
    ...on(to(LOGIN, 403), header("set-cookie", POCKETPAW_COOKIE)),
  },
  {
    title: "has a session token in the login's body",
    rows: ["login"],
    ...on(to(LOGIN, 200), (right) => ({ ...right, body: '{"ok":true,"token":"x"}' })),
  },
  {
    title: "sets a cookie for a wrong token",
    rows: ["login"],
    ...on(to(LOGIN, 401), header("set-cookie", POCKETPAW_COOKIE)),
  },
  {
    title: "does not delete the cookie at logout",
    rows: ["logout"],
    ...on(to(LOGOUT), without("set-cookie")),
  },
  {
    title: "sets the cookie again at logout",
    rows: ["logout"],
    ...on(to(LOGOUT, 200), header("set-cookie", `${POCKETPAW_COOKIE}; HttpOnly; SameSite=Lax`)),
  },
  {
    title: "refuses its own page",
    rows: ["own-origin"],
    ...on(
      ({ headers, origin }) => headers.origin === origin,
      () => forbidden,
    ),
  },
  {
    title: "lets pages of other origins log in",
    rows: ["foreign-origin"],
    hasPocketPaw: false,
    ...on(to(LOGIN, 403), (_, asked, contract) => contract.answer({ ...asked, headers: {} })),
  },
  {
    title: "lets a page of the origin null log out",
    rows: ["foreign-origin"],
    ...on(
      (asked, right) => to(LOGOUT, 403)(asked, right) && asked.headers.origin === "null",
      (_, asked, contract) => contract.answer({ ...asked, headers: {} }),
    ),
  },
  {
    title: "lets pages of other origins use the cookie behind the authorizer",
    rows: ["foreign-origin"],
    ...on(to(/^POST \/api\/smoke-test$/, 403), (_, asked, contract) =>
      contract.answer({ ...asked, headers: { ...asked.headers, origin: asked.origin } }),
    ),
  },
  {
    title: "lets other origins read",
    rows: ["foreign-origin"],
    ...on(
      ({ method, headers, origin }) => method === "GET" && headers.origin !== origin,
      header("access-control-allow-origin", "*"),
    ),
  },
  {
    title: "allows the preflight of other origins",
    rows: ["foreign-origin"],
    ...on(to(/^OPTIONS /), header("access-control-allow-origin", "null")),
  },
];
