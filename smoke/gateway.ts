import { isLoopback } from "./arguments.ts";
import { bearer, createSend, jsonOf, type Reply, type Send, sessionCookies } from "./client.ts";
import { OperatorError } from "./failures.ts";

/** An origin that no gateway names: the name cannot exist (RFC 6761 section 6.4). */
export const FOREIGN_ORIGIN = "https://smoke-test.invalid";

/** The gateway under test, and a session there. */
export interface Gateway {
  readonly url: URL;
  /** The origin of its own page, as the gateway sees it. */
  readonly origin: string;
  readonly send: Send;
  /** All responses so far. */
  readonly replies: readonly Reply[];
  readonly masterToken: string;
  /** A session token, and its end in unix seconds. */
  readonly session: { readonly token: string; readonly exp: number };
  /** The session cookie's name on this kind of host. */
  readonly cookieName: string;
  /** `<name>=<the session token>` */
  readonly cookie: string;
  readonly hasPocketPaw: boolean;
}

export const EXCHANGE = "POST /api/auth/session";
export const STATUS = "GET /api/auth/session";
export const LOGOUT = "POST /api/auth/logout";

/** The request of a login, with its body. */
export function loginWith(token: string, path = "/api/auth/login"): string {
  return `POST ${path} ${JSON.stringify({ token })}`;
}

/** The names of a 401's challenge: API Gateway may rename it. */
export const CHALLENGE_NAMES = ["www-authenticate", "x-amzn-remapped-www-authenticate"];

/** What a status says when the master token is not exchanged. */
const NO_SESSION: Readonly<Record<number, string>> = {
  401: "refuses this master token (401). Compare it with the secret of the output MasterTokenSecretArn.",
  503: "cannot read or use its secrets (503): look for secret_read in the session function's log.",
};

/**
 * Starts a session, which the checks need.
 *
 * The master token is sent only after the URL has responded as a gateway does, so that a mistyped host name does
 * not get it.
 *
 * @throws OperatorError when it is no gateway, or refuses the master token
 * @throws NoResponse
 */
export async function openGateway(url: URL, masterToken: string): Promise<Gateway> {
  const replies: Reply[] = [];
  const send = createSend(url, (reply) => replies.push(reply));
  const problem = await whyNoGateway(send);
  if (problem !== undefined) {
    throw new OperatorError(`${url.origin}${problem} The master token was not sent.`);
  }
  const exchange = await send(EXCHANGE, bearer(masterToken));
  const session = sessionOf(jsonOf(exchange).session_token);
  if (session === undefined) {
    const { status } = exchange;
    const why = NO_SESSION[status] ?? `responds ${status}. Look at the session function's log.`;
    throw new OperatorError(`${url.origin} ${why}`);
  }
  const page = await send("GET /");
  // The gateway takes other hosts for https, those of an emulator included.
  const isLocal = isLoopback(url) && !url.hostname.endsWith(".localhost");
  const origin = `${isLocal ? "http" : "https"}://${url.host}`;
  const cookieName = isLocal ? "pocketpaw_gateway_session" : "__Host-pocketpaw_session";
  const cookie = `${cookieName}=${session.token}`;
  const hasPocketPaw = page.status !== 404 || sessionCookies(exchange).length > 0;
  return { url, origin, send, replies, masterToken, session, cookieName, cookie, hasPocketPaw };
}

/** A gateway responds with `detail` to a request without a token; a wrong one may respond with a session. */
async function whyNoGateway(send: Send): Promise<string | undefined> {
  const reply = await send(EXCHANGE);
  const { detail, session_token } = jsonOf(reply);
  if (sessionOf(session_token) !== undefined) return undefined;
  if (![401, 503].includes(reply.status) || typeof detail !== "string") {
    return ` does not respond as the gateway does to ${EXCHANGE}. Use the output DashboardUrl or HttpApiUrl.`;
  }
  // PocketPaw's own exchange responds in the same words, without a challenge.
  if (CHALLENGE_NAMES.some((name) => name in reply.headers)) return undefined;
  if (jsonOf(await send("GET /healthz")).ok === true) return undefined;
  return ": this is PocketPaw, not the gateway. Use the output DashboardUrl, or the URL that npm start prints.";
}

/** A session token, read; undefined for anything else. */
export function sessionOf(token: unknown): Gateway["session"] | undefined {
  const [text, exp] = /^session:([1-9][0-9]{0,14}):[0-9a-f]{64}$/.exec(String(token)) ?? [];
  return text === undefined ? undefined : { token: text, exp: Number(exp) };
}
