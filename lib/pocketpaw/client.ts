import { parseMasterToken } from "../secrets/values.ts";

/** How asking PocketPaw failed; the message is for the client, and holds no token. */
export class OriginFailed extends Error {
  override readonly name = "OriginFailed";
  readonly reason: "origin_unreachable" | "origin_refused" | "origin_failed";

  constructor(reason: OriginFailed["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Whoever makes the master token, and so knows which one counts. */
export interface TokenSource {
  /** Makes a new master token, which ends the one before. @throws OriginFailed */
  issue: () => Promise<string>;
  /** Whether a token is the one in force now. @throws OriginFailed when that cannot be told */
  isInForce: (token: string) => Promise<boolean>;
}

/** The longest that one request to PocketPaw may take, milliseconds. */
const TIME_LIMIT_MILLISECONDS = 10_000;

/**
 * A PocketPaw as the maker of the master token.
 *
 * @param originUrl without a slash at the end
 * @param cookie the `Cookie` header that the authorizer minted for it, if it did
 */
export function createPocketPawSource(
  originUrl: string,
  cookie: string | undefined,
  signal: AbortSignal,
): TokenSource {
  async function post(path: string, headers: Record<string, string>): Promise<Response> {
    try {
      return await fetch(originUrl + path, {
        method: "POST",
        headers,
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MILLISECONDS)]),
      });
    } catch {
      throw new OriginFailed("origin_unreachable", "PocketPaw cannot be reached");
    }
  }

  async function issue(): Promise<string> {
    if (cookie === undefined) {
      const message = "The authorizer minted no token for PocketPaw; set its ACCEPT_NATIVE_TOKENS";
      throw new OriginFailed("origin_failed", message);
    }
    const response = await post("/api/token/regenerate", { cookie });
    if (isRefusal(response)) {
      throw new OriginFailed("origin_refused", "PocketPaw refused the gateway's session token");
    }
    const token = response.status === 200 ? await readToken(response) : undefined;
    if (token === undefined) {
      const message = `PocketPaw answered ${response.status}, without a master token that can be used`;
      throw new OriginFailed("origin_failed", message);
    }
    return token;
  }

  /** Its own exchange of the master token is the one route that no other credential passes. */
  async function isInForce(token: string): Promise<boolean> {
    const response = await post("/api/auth/session", { authorization: `Bearer ${token}` });
    await response.body?.cancel();
    if (response.status === 200) return true;
    if (isRefusal(response)) return false;
    // 429 among others: PocketPaw takes one such request a second.
    throw new OriginFailed("origin_failed", `PocketPaw answered ${response.status}`);
  }

  return { issue, isInForce };
}

function isRefusal({ status }: Response): boolean {
  return status === 401 || status === 403;
}

/** The token in PocketPaw's `{"token": …}`, where it can be stored and sent as it is. */
async function readToken(response: Response): Promise<string | undefined> {
  try {
    const { token }: { token?: unknown } = (await response.json()) ?? {};
    return typeof token === "string" && parseMasterToken(token) === token ? token : undefined;
  } catch {
    return undefined;
  }
}
