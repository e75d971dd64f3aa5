// A client that keeps its session: it exchanges the master token, renews the session before it ends, and exchanges once
// more when a regeneration has ended it early. No package is needed.
//   GATEWAY=https://paw.example.com MASTER=<master token> node keep-session.mjs /api/auth/session

const { GATEWAY = "http://localhost:8000", MASTER = "" } = process.env;

/** How long before its end a session is renewed. */
const MARGIN_MILLISECONDS = 5 * 60_000;

/** @type {{ token: string, endsAt: number } | undefined} the session in use; `endsAt` in unix milliseconds */
let session;

/**
 * A session token that is valid for some minutes more.
 *
 * @throws {Error} with the status, where the exchange fails
 */
async function sessionToken() {
  if (session === undefined || Date.now() > session.endsAt - MARGIN_MILLISECONDS) {
    const response = await fetch(`${GATEWAY}/api/auth/session`, {
      method: "POST",
      headers: { authorization: `Bearer ${MASTER}` },
    });
    if (!response.ok) throw new Error(`The exchange responded ${response.status}`);
    const { session_token: token } = await response.json();
    session = { token, endsAt: Number(token.split(":")[1]) * 1000 };
  }
  return session.token;
}

/**
 * A request by the session. Not to be used with a body that can be read only once.
 *
 * @param {string} path such as /api/identity
 * @param {RequestInit} options as for `fetch`
 * @returns the response, whatever its status
 * @throws {Error} where the exchange fails, or the gateway cannot be reached
 */
export async function request(path, options = {}) {
  const send = async () => {
    const headers = new Headers(options.headers);
    headers.set("authorization", `Bearer ${await sessionToken()}`);
    return fetch(`${GATEWAY}${path}`, { ...options, headers });
  };
  const response = await send();
  if (response.status !== 401 && response.status !== 403) return response;
  session = undefined;
  return send();
}

const response = await request(process.argv[2] ?? "/api/auth/session");
console.log(response.status, await response.text());
