import { type Headers, open } from "./http.ts";
import { undocumented } from "./openapi.ts";
import { ROUTES } from "./openapi-document.ts";

/** A response with its headers as they came. */
export interface RawResponse {
  readonly status: number;
  readonly headers: NodeJS.Dict<string[]>;
  readonly body: Buffer;
}

/**
 * A request that `fetch` would not send: any Host, cookie, path and header. An upgrade that passes is 101. The
 * response of a route in docs/openapi.yaml is held against it.
 *
 * @throws where the document does not have the response
 */
export async function rawRequest(
  url: string,
  target: string,
  options: {
    readonly method?: string;
    readonly headers?: Headers;
    readonly body?: Uint8Array | string;
  } = {},
): Promise<RawResponse> {
  const { method = "GET", headers, body } = options;
  const to = { port: Number(new URL(url).port) };
  const { incoming, status, socket } = await open(to, `${method} ${target}`, headers, body);
  socket?.destroy();
  const { headersDistinct } = incoming;
  if (status === 101) return { status, headers: headersDistinct, body: Buffer.alloc(0) };
  const content = Buffer.concat(await incoming.toArray());
  const operation = ROUTES.get(`${method} ${target.replace(/\?.*$/s, "")}`);
  if (operation !== undefined) {
    const { "set-cookie": cookies = [], ...others } = incoming.headers;
    const seen = { status, headers: others as Record<string, string>, cookies, body: `${content}` };
    const problems = undocumented(operation, seen).join("; ");
    if (problems !== "") throw new Error(`docs/openapi.yaml, ${operation}, ${status}: ${problems}`);
  }
  return { status, headers: headersDistinct, body: content };
}
