import type { Reply } from "../../smoke/client.ts";

/** Breaks a response; one that it does not concern is returned as it is. */
export type Change = (reply: Reply) => Reply;

/** Replaces text in the body or in a header, which goes where nothing is left; by default all of it. */
export function edit(part: string, from: string | RegExp = /.+/s, to = ""): Change {
  return (reply) => {
    const { [part]: values, ...headers } = reply.headers;
    const text = part === "body" ? reply.body.toString() : values?.join("\n");
    const other = text?.replace(from, to);
    if (text === undefined || other === undefined || other === text) return reply;
    if (part === "body") return { ...reply, body: Buffer.from(other) };
    return { ...reply, headers: other === "" ? headers : { ...headers, [part]: [other] } };
  };
}

function add(name: string, value: string): Change {
  return (reply) => {
    const values = [...(reply.headers[name] ?? []), value];
    return { ...reply, headers: { ...reply.headers, [name]: values } };
  };
}

/** One change for each directive of the policy. */
const directives = (...names: string[]) =>
  names.map((name) => edit("content-security-policy", new RegExp(`${name} [^;]*`)));

const STORED = edit("cache-control");
const NO_TYPE = edit("content-type");
const REFERRER = edit("referrer-policy");
const SECOND_POLICY = add("content-security-policy", "x");
const POCKETPAW_COOKIE = add("set-cookie", "pocketpaw_session=1:0; Path=/");
/** Not with a session's status, which a row about cookies asks as well. */
const SECOND_COOKIE: Change = (reply) =>
  reply.body.includes("authenticated") ? reply : POCKETPAW_COOKIE(reply);
const COOKIE = [
  ...["; HttpOnly", "; SameSite=Strict", "; Path=/"].map((each) => edit("set-cookie", each)),
  ...["; Secure", "; Domain=localhost"].map((each) => edit("set-cookie", /$/, each)),
  ...[edit("set-cookie", "_gateway_", "_"), edit("set-cookie"), SECOND_COOKIE],
];
const DESCRIPTION = [
  ...[edit("body", '"session"', '"master"'), edit("body", "true", "false")],
  edit("body", /"expires_at":\d+/, '"expires_at":9'),
];

/** What each row says of a response besides its status, as changes that break it. */
export const CLAIMS: Readonly<Record<string, readonly Change[]>> = {
  healthz: [edit("body", "true", "false")],
  exchange: [
    ...[edit("body", "24}", "25}"), edit("body", "24}", '"24"}'), edit("body", "{", '{"user":1,')],
    ...[edit("set-cookie"), STORED, NO_TYPE],
  ],
  challenge: [edit("www-authenticate"), edit("www-authenticate", /Bearer|, error.*/)],
  bearer: DESCRIPTION,
  query: DESCRIPTION,
  cookie: DESCRIPTION,
  login: [
    ...[...COOKIE, edit("set-cookie", /session:\d+/, "1"), edit("set-cookie", /:\d+:/, ":9:")],
    ...[edit("set-cookie", /Age=\d+/, "Age=31536000"), edit("body", '{"ok"', '{"t":1,"ok"')],
  ],
  logout: [
    ...[...COOKIE, edit("set-cookie", "=;", "=x;"), edit("set-cookie", "Age=0", "Age=9")],
    edit("clear-site-data"),
  ],
  "foreign-origin": [add("access-control-allow-origin", "*"), POCKETPAW_COOKIE],
  "gateway-page": [
    ...[NO_TYPE, REFERRER, SECOND_POLICY],
    ...directives("default-src", "script-src", "img-src", "connect-src", "base-uri"),
    ...directives("form-action", "frame-ancestors"),
    edit("content-security-policy", "script-src", "script-src 'unsafe-inline'"),
  ],
  "encoded-path": [POCKETPAW_COOKIE],
  "extra-slash": [POCKETPAW_COOKIE],
  verify: [
    ...[STORED, edit("www-authenticate"), add("x-pocketpaw-cookie", "x")],
    ...["x-session-id", "x-session-method", "x-session-expires"].map((name) => edit(name)),
    ...[edit("x-pocketpaw-cookie"), edit("x-pocketpaw-cookie", /=\d+/, "=9")],
  ],
  page: [NO_TYPE, add("content-security-policy", "script-src 'none'")],
  "token-link": [edit("location", "#", "?"), STORED, REFERRER],
  policy: [
    ...directives("default-src", "script-src", "base-uri", "form-action", "frame-ancestors"),
    ...[edit("x-content-type-options"), edit("cross-origin-resource-policy")],
    ...[add("x-frame-options", "DENY"), SECOND_POLICY],
  ],
  "path-arrives": [edit("body", "smoke test", "smoke%20test")],
  "query-arrives": [edit("location", "&a=", ","), edit("location", "%2B", "+")],
  "file-jail": [edit("body", "detail", "message")],
  "direct-path": [STORED],
  stream: [NO_TYPE, edit("body", "event")],
  websocket: [edit("sec-websocket-accept", "=", "A")],
  regeneration: [
    edit("body", "session:", "master:"),
    edit("body", /:\d+:/, ":9:"),
    edit("set-cookie"),
  ],
};
