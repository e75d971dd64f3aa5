import {
  ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import type { Invoke } from "../functions.ts";
import { loadFunction } from "./cloudfront.ts";
import { functionEvent, responseOf } from "./events.ts";
import { responseTo, send } from "./exchange.ts";
import { endToEnd, type Fields, forwarded, headOf, only } from "./headers.ts";
import { proxyResponse, type Response } from "./responses.ts";
import { type Target, withoutToken } from "./target.ts";
import { proxyRefusal, requestHeaders, responseHeaders } from "./upstream.ts";

const RULES = join(import.meta.dirname, "../../deploy/cloudfront/direct.js");
/** The proxy waits for `verify` no longer. */
const VERIFY_LIMIT_MILLISECONDS = 5_000;
/** CloudFront's OriginReadTimeout: without a byte for so long, the response ends. */
const SILENCE_LIMIT_MILLISECONDS = 60_000;
const SILENT = new Error("PocketPaw was silent for too long");
/** What `verify` needs of the original request, beside its method, URI and host. */
const ASKED = /^(authorization|cookie|origin|sec-fetch-site|sec-websocket-key)$/;

export interface DirectOptions {
  readonly pocketPaw: URL;
  readonly invoke: Invoke;
  /** How long PocketPaw may be silent; CloudFront's limit by default. */
  readonly silenceMilliseconds?: number;
}

/**
 * What replaces CloudFront's direct behaviors and the proxy in front of PocketPaw on a laptop, by the stack's CloudFront
 * Function and the function `verify`.
 *
 * @returns what streams a request and its response, and what opens a WebSocket; a response that they return is of the
 *   refusal
 */
export function createDirect(options: DirectOptions) {
  const { pocketPaw, invoke, silenceMilliseconds = SILENCE_LIMIT_MILLISECONDS } = options;
  const decide = loadFunction(RULES);

  /** Begins the request to PocketPaw, with `verify`'s cookie; or a refusal. */
  async function begin(
    request: IncomingMessage,
    parts: Target,
    added: Fields,
  ): Promise<Response | ClientRequest> {
    const target = withoutToken(parts);
    const refusal = decide(request, target) ?? proxyRefusal(parts.path);
    if (refusal !== undefined) return refusal;
    const answer = await ask(request, target).catch(() => undefined);
    const cookie = answer?.headers["x-pocketpaw-cookie"]?.[0];
    if (answer?.status === 401 || answer?.status === 403) return answer;
    if (answer?.status !== 204 || cookie === undefined) {
      return proxyResponse(503, "The gateway does not respond");
    }
    const headers = { ...requestHeaders(forwarded(request), pocketPaw, cookie), ...added };
    const outgoing = send(pocketPaw, { method: request.method ?? "", target, headers });
    return outgoing.setTimeout(silenceMilliseconds, () => outgoing.destroy(SILENT));
  }

  /** Asks the function `verify` as the proxies in examples/ do. */
  async function ask(request: IncomingMessage, uri: string): Promise<Response> {
    const host = [request.headers.host ?? ""];
    const event = functionEvent(
      {
        method: "GET",
        parts: { path: "/api/auth/verify", query: "" },
        sourceIp: "127.0.0.1",
        headers: {
          ...only(request.headersDistinct as Fields, ASKED),
          ...{ host, "x-original-host": host },
          ...{ "x-original-method": [request.method ?? ""], "x-original-uri": [uri] },
        },
        body: Buffer.alloc(0),
      },
      "GET /api/auth/verify",
    );
    const late = setTimeout(VERIFY_LIMIT_MILLISECONDS, undefined, { ref: false });
    return responseOf(await Promise.race([invoke("verify", event), late]));
  }

  return {
    async stream(
      request: IncomingMessage,
      response: ServerResponse,
      parts: Target,
    ): Promise<Response | undefined> {
      // Without it a body without a length would follow the headers unframed, as a second request.
      const isChunked = request.headers["transfer-encoding"] !== undefined;
      const framing: Fields = isChunked ? { "transfer-encoding": ["chunked"] } : {};
      const outgoing = await begin(request, parts, framing);
      if (!(outgoing instanceof ClientRequest)) return outgoing;
      // A client that goes away ends the request; a body that PocketPaw does not read to its end is no error.
      response.on("close", () => outgoing.destroy());
      pipeline(request, outgoing).catch(() => undefined);
      try {
        const incoming = await responseTo(outgoing);
        const gateway = `http://${request.headers.host}`;
        const headers = responseHeaders(endToEnd(incoming), pocketPaw, gateway);
        response.writeHead(incoming.statusCode ?? 502, headers as OutgoingHttpHeaders);
        response.flushHeaders();
        await pipeline(incoming, response);
      } catch (error) {
        if (!response.headersSent) return unreachable(error);
        response.destroy();
      }
      return undefined;
    },

    async open(
      request: IncomingMessage,
      socket: Duplex,
      head: Buffer,
      parts: Target,
    ): Promise<Response | undefined> {
      const upgrade = { connection: ["Upgrade"], upgrade: ["websocket"] };
      const outgoing = await begin(request, parts, upgrade);
      if (!(outgoing instanceof ClientRequest)) return outgoing;
      socket.on("close", () => outgoing.destroy());
      return new Promise((resolve) => {
        outgoing.on("error", (error) => resolve(unreachable(error)));
        outgoing.on("response", ({ statusCode = 502 }) => {
          outgoing.destroy();
          resolve({ status: statusCode, headers: {}, body: Buffer.alloc(0) });
        });
        outgoing.on("upgrade", (incoming, upstream, first) => {
          // The limit of a response does not hold for an open WebSocket.
          upstream.setTimeout(0);
          socket.write(acceptance(incoming));
          socket.write(first);
          upstream.write(head);
          pipeline(socket, upstream, socket)
            .catch(() => undefined)
            .then(() => socket.destroy());
          resolve(undefined);
        });
        outgoing.end();
      });
    },
  };
}

/** The response that opens a WebSocket, with its own headers of PocketPaw's and no others. */
function acceptance({ headersDistinct }: IncomingMessage): string {
  const own = only(headersDistinct as Fields, /^sec-websocket-/);
  const all = { connection: ["Upgrade"], upgrade: ["websocket"], ...own };
  return headOf("HTTP/1.1 101 Switching Protocols", all);
}

function unreachable(error: unknown): Response {
  return error === SILENT
    ? proxyResponse(504, SILENT.message)
    : proxyResponse(503, "PocketPaw does not respond");
}
