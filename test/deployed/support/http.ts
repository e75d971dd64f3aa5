import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";

/** A deployed API: where the emulator is, and under which host it serves that API. */
export interface Api {
  readonly url: string;
  readonly id: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, parsed. */
  readonly json: () => unknown;
}

/**
 * Sends a request to an API, or to any server when there is only a URL. The path goes out as it
 * stands, dots and all: `fetch` would tidy it up first.
 *
 * @param target method and path, e.g. `GET /api/auth/session`
 */
export async function send(
  to: Api | string,
  target: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: unknown } = {},
): Promise<Reply> {
  const [method = "", path = ""] = target.split(" ");
  const { hostname, port } = new URL(typeof to === "string" ? to : to.url);
  const outgoing = request({
    hostname,
    port,
    method,
    path,
    headers: {
      ...(typeof to !== "string" && { host: `${to.id}.execute-api.localhost` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [incoming] = await once(outgoing, "response");
  const text = Buffer.concat(await incoming.toArray()).toString();
  return {
    status: incoming.statusCode,
    headers: incoming.headers,
    text,
    json: () => JSON.parse(text),
  };
}

/** The arguments of `send` beside the API. */
export type Request = [target: string, options: { headers: Record<string, string> }];

/** The three places for a token. */
export const PLACES: Record<"header" | "query" | "cookie", (t: string, token: string) => Request> =
  {
    header: (target, token) => [target, { headers: { authorization: `Bearer ${token}` } }],
    query: (target, token) => [`${target}?token=${encodeURIComponent(token)}`, { headers: {} }],
    cookie: (target, token) => [
      target,
      { headers: { cookie: `theme=dark; __Host-pocketpaw_session=${token}` } },
    ],
  };
