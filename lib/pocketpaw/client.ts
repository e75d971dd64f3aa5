import { randomUUID } from "node:crypto";
import type { RegenerateSettings } from "../config.ts";
import { UpstreamFailed } from "../errors.ts";
import { type PostResponse, post } from "../http/post.ts";
import { parseMasterToken } from "../secrets/values.ts";
import type { SecretVersions } from "../secrets/versions.ts";

/** What makes the master token, and so knows which one is in force. */
export interface TokenSource {
  /** Makes a new master token, which ends the one before. @throws UpstreamFailed */
  issue: () => Promise<string>;
  /** Whether a token is the one in force now. @throws UpstreamFailed when that cannot be told */
  isInForce: (token: string) => Promise<boolean>;
}

/** Without PocketPaw behind the gateway: what is stored is in force. */
const OWN_SOURCE: TokenSource = {
  issue: async () => randomUUID(),
  isInForce: async () => true,
};

/** Where PocketPaw is, and how the secret that its reverse proxy asks for is read. */
interface SourceSettings extends Pick<RegenerateSettings, "originUrl" | "upstreamSecretId"> {
  readonly open: (secretId: string, signal: AbortSignal) => Pick<SecretVersions, "current">;
}

/** The longest that one request to PocketPaw may take, milliseconds. */
const TIME_LIMIT_MILLISECONDS = 10_000;

/**
 * The source of the master token for one request: PocketPaw, where one is behind the gateway.
 *
 * @param cookie the `Cookie` header that the authorizer minted for PocketPaw, if it did
 */
export function openTokenSource(
  { originUrl, upstreamSecretId, open }: SourceSettings,
  cookie: string | undefined,
  signal: AbortSignal,
): TokenSource {
  if (originUrl === null) return OWN_SOURCE;
  let originVerify: Promise<string | undefined> | undefined;

  /** The header `X-Origin-Verify`, which PocketPaw's reverse proxy asks for; undefined without one. */
  async function readOriginVerify(): Promise<string | undefined> {
    if (upstreamSecretId === null) return undefined;
    return Buffer.from((await open(upstreamSecretId, signal).current()).value).toString();
  }

  async function ask(path: string, headers: Record<string, string>): Promise<PostResponse> {
    originVerify ??= readOriginVerify();
    const value = await originVerify;
    const sent = { ...headers, ...(value && { "x-origin-verify": value }) };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT_MILLISECONDS)]);
    try {
      return await post(new URL(originUrl + path), sent, "", limit);
    } catch {
      throw new UpstreamFailed("upstream_unreachable", "PocketPaw cannot be reached");
    }
  }

  async function issue(): Promise<string> {
    if (cookie === undefined) {
      const message = "The authorizer minted no token for PocketPaw; set its HAS_POCKETPAW";
      throw new UpstreamFailed("upstream_failed", message);
    }
    const response = await ask("/api/token/regenerate", { cookie });
    if (isRefusal(response)) {
      throw new UpstreamFailed("upstream_refused", "PocketPaw refused the gateway's token");
    }
    const token = response.status === 200 ? readToken(response.body) : undefined;
    if (token === undefined) {
      const message = `PocketPaw responded ${response.status}, without a usable master token`;
      throw new UpstreamFailed("upstream_failed", message);
    }
    return token;
  }

  /** Its own exchange of the master token is the one route that accepts no other credential. */
  async function isInForce(token: string): Promise<boolean> {
    const response = await ask("/api/auth/session", { authorization: `Bearer ${token}` });
    if (response.status === 200) return true;
    if (isRefusal(response)) return false;
    // 429 among others: PocketPaw allows one such request a second.
    throw new UpstreamFailed("upstream_failed", `PocketPaw responded ${response.status}`);
  }

  return { issue, isInForce };
}

/** Only 401: a proxy or a firewall in front of PocketPaw may respond 403, which says nothing about a token. */
function isRefusal({ status }: PostResponse): boolean {
  return status === 401;
}

/** The token in PocketPaw's `{"token": …}`, where it can be stored and sent as it is. */
function readToken(body: string): string | undefined {
  try {
    const { token }: { token?: unknown } = JSON.parse(body) ?? {};
    return typeof token === "string" && parseMasterToken(token) === token ? token : undefined;
  } catch {
    return undefined;
  }
}
