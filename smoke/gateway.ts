import { isLoopback } from "./arguments.ts";
import { jsonOf, type Reply, type Send } from "./client.ts";
import { COOKIE, sessionCookies } from "./cookies.ts";
import { OperatorError } from "./failures.ts";

/** An origin that no gateway names: the name cannot exist (RFC 6761 section 6.4). */
export const FOREIGN_ORIGIN = "https://smoke-test.invalid";

export interface Session {
  readonly token: string;
  /** Unix seconds. */
  readonly exp: number;
}

/** The gateway under test, and what it has responded so far. */
export interface Gateway {
  readonly url: URL;
  /** The origin of its own page, as the gateway sees it. */
  readonly origin: string;
  readonly send: Send;
  readonly masterToken: string;
  readonly session: Session;
  /** `<name>=<value>`: the login's cookie, or the session token in its place. */
  readonly cookie: string;
  readonly hasPocketPaw: boolean;
  readonly replies: { readonly exchange: Reply; readonly page: Reply; readonly login: Reply };
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

const SESSION_TOKEN = /^session:([1-9][0-9]{0,14}):[0-9a-f]{64}$/;

/**
 * Starts a session: the exchange, the page and the login, which later checks need.
 *
 * The master token is sent only after the URL has responded as a gateway does, so that a mistyped host name does
 * not get it.
 *
 * @throws OperatorError when it is no gateway, or refuses the master token
 * @throws NoResponse
 */
export async function openGateway(
  url: URL,
  send: Send,
  masterToken: string,
  now: () => number,
): Promise<Gateway> {
  if (!isGateway(await send("POST /api/auth/session"))) {
    throw new OperatorError(
      `${url.origin} does not respond as the gateway does to POST /api/auth/session. Use the output DashboardUrl or HttpApiUrl. The master token was not sent.`,
    );
  }
  const headers = { authorization: `Bearer ${masterToken}` };
  const exchange = await send("POST /api/auth/session", { headers });
  if (exchange.status === 401) {
    throw new OperatorError(
      `${url.origin} refuses this master token (401). Compare it with the secret of the output MasterTokenSecretArn.`,
    );
  }
  const session = sessionIn(exchange);
  if (session === undefined) {
    throw new OperatorError(
      exchange.status === 503
        ? `${url.origin} cannot read or use its secrets (503): look for secret_read in the session function's log.`
        : `${url.origin} did not exchange the master token for a session token (status ${exchange.status}). Look at the session function's log.`,
    );
  }
  const page = await send("GET /");
  const login = await send("POST /api/auth/login", loginOptions(masterToken));
  const cookie = `${COOKIE}=${sessionCookies(login)[0]?.value || session.token}`;
  const host = url.host;
  const isLocal = isLoopback(url) && !url.hostname.endsWith(".localhost");
  return {
    url,
    // The gateway takes other hosts for https, those of an emulator included.
    origin: `${isLocal ? "http" : "https"}://${host}`,
    send,
    masterToken,
    session,
    cookie,
    hasPocketPaw: page.status !== 404 || sessionCookies(exchange).length > 0,
    replies: { exchange, page, login },
    now,
  };
}

/** What `send` takes for a login. */
export function loginOptions(token: string, headers: Readonly<Record<string, string>> = {}) {
  return {
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ token }),
  };
}

/** The session token of an exchange's response. */
export function sessionIn(reply: Reply): Session | undefined {
  const token = jsonOf(reply)?.session_token;
  const exp = typeof token === "string" ? SESSION_TOKEN.exec(token)?.[1] : undefined;
  return exp === undefined ? undefined : { token: String(token), exp: Number(exp) };
}

/** A gateway responds with `detail` to a request without a token; a wrong one may respond with a session. */
function isGateway(reply: Reply): boolean {
  const body = jsonOf(reply);
  const refuses = [401, 503].includes(reply.status) && typeof body?.detail === "string";
  return refuses || sessionIn(reply) !== undefined;
}
