import { createHash, randomUUID } from "node:crypto";
import { HMAC_KEY, nativeToken, sessionToken } from "../../support/tokens.ts";

/** A request as the server got it. */
export interface Asked {
  readonly method: string;
  /** Without the query string, as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: NodeJS.Dict<string>;
  readonly body: string;
  /** The server's own origin. */
  readonly origin: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

const SECONDS = 24 * 3600;
const CHALLENGE = 'Bearer realm="pocketpaw"';
const POLICY =
  "default-src 'none'; script-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";
const UNTRUSTED = { "content-security-policy": POLICY, "x-content-type-options": "nosniff" };

export function json(status: number, body: object, headers: Answer["headers"] = {}): Answer {
  const common = { "content-type": "application/json", "cache-control": "no-store" };
  return { status, headers: { ...common, ...headers }, body: JSON.stringify(body) };
}

export const forbidden = json(403, { message: "Forbidden" });
export const notFound = json(404, { message: "Not Found" });

/** The gateway's contract, written without any code of the gateway. */
export function createContract(hasPocketPaw: boolean) {
  let masterToken: string = randomUUID();
  const now = () => Math.floor(Date.now() / 1000);
  const newSession = (exp: number) => sessionToken(masterToken, HMAC_KEY, exp);

  function methodOf(token: string): "session" | "native" | "master" | undefined {
    const exp = Number(/(\d+):[^:]*$/.exec(token)?.[1]);
    if (token === masterToken) return "master";
    if (token === newSession(exp) && now() < exp) return "session";
    return hasPocketPaw && token === nativeToken(masterToken, exp) && now() < exp
      ? "native"
      : undefined;
  }

  const isForeign = ({ headers, origin }: Asked) =>
    headers.origin !== undefined && headers.origin !== origin;

  /** The token that lets a request in. */
  function credentialOf(asked: Asked): string | undefined {
    const { method, query, headers } = asked;
    const isAccepted = (token: string) => methodOf(token) !== undefined;
    const others = [bearerOf(asked) ?? "", query.get("token") ?? ""].find(isAccepted);
    const mayUseCookie = ["GET", "HEAD"].includes(method) || !isForeign(asked);
    return others ?? (mayUseCookie ? cookiesOf(headers.cookie).find(isAccepted) : undefined);
  }

  function setCookie(maxAge: number): Record<string, string> {
    const exp = now() + maxAge;
    const token = hasPocketPaw ? nativeToken(masterToken, exp) : newSession(exp);
    return {
      "set-cookie": `pocketpaw_session=${maxAge === 0 ? "" : token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}`,
    };
  }

  function exchange(asked: Asked): Answer {
    const token = bearerOf(asked);
    if (token === masterToken) {
      const body = { session_token: newSession(now() + SECONDS), expires_in_hours: SECONDS / 3600 };
      return json(200, body, hasPocketPaw ? setCookie(SECONDS) : {});
    }
    const challenge = CHALLENGE + (token === undefined ? "" : ', error="invalid_token"');
    return json(401, { detail: "Invalid master token" }, { "www-authenticate": challenge });
  }

  function behindTheAuthorizer(asked: Asked): Answer {
    const token = credentialOf(asked);
    if (token === undefined) return forbidden;
    switch (`${asked.method} ${asked.path}`) {
      case "GET /api/auth/session":
      case "GET /api/v1/auth/session": {
        const exp = Number(/(\d+):[^:]*$/.exec(token)?.[1]);
        return json(200, { authenticated: true, method: methodOf(token), expires_at: exp });
      }
      case "POST /api/token/regenerate":
        masterToken = randomUUID();
        return json(200, { token: masterToken });
      case "GET /api/identity":
        return json(200, {}, UNTRUSTED);
      default:
        return json(404, { detail: "Not Found" }, UNTRUSTED);
    }
  }

  function answer(asked: Asked): Answer {
    const { method, path, body } = asked;
    switch (
      `${method} ${path.replace(/^\/api\/v1\//, "/api/").replace("/api/healthz", "/healthz")}`
    ) {
      case "GET /healthz":
      case "HEAD /healthz":
        return json(200, { ok: true });
      case "POST /api/auth/session":
        return exchange(asked);
      case "POST /api/auth/login":
        if (isForeign(asked)) return json(403, { detail: "" });
        return JSON.parse(body).token === masterToken
          ? json(200, { ok: true }, setCookie(SECONDS))
          : json(401, { detail: "Invalid access token" });
      case "POST /api/auth/logout":
        return isForeign(asked) ? json(403, { detail: "" }) : json(200, { ok: true }, setCookie(0));
      case "GET /api/auth/session":
      case "GET /api/qr":
      case "POST /api/token/regenerate":
        return behindTheAuthorizer(asked);
      case "GET /": {
        const headers = { "content-type": "text/html; charset=utf-8" };
        return hasPocketPaw ? { status: 200, headers, body: "<title>" } : notFound;
      }
      default:
        return hasPocketPaw && path.startsWith("/api/") && method !== "OPTIONS"
          ? behindTheAuthorizer(asked)
          : notFound;
    }
  }

  /** A WebSocket handshake's status. */
  function upgrade({ path, headers, origin }: Asked): number {
    const cookies = cookiesOf(headers.cookie);
    const isOpen =
      hasPocketPaw &&
      ["/ws", "/v1/ws", "/api/v1/ws"].includes(path) &&
      headers.origin === origin &&
      cookies.length === 1 &&
      methodOf(cookies[0] ?? "") === "native";
    return isOpen ? 101 : 403;
  }

  return { answer, upgrade, masterToken: () => masterToken, newSession };
}

export type Contract = ReturnType<typeof createContract>;

function bearerOf({ headers }: Asked): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
}

function cookiesOf(header = ""): string[] {
  return [...header.matchAll(/pocketpaw_session=([^;]*)/g)].map(([, value = ""]) => value);
}

/** RFC 6455 section 4.2.2 */
export function webSocketAccept(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}
