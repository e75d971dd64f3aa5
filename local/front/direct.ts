import { ClientRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import type { Invoke } from "../functions.ts";
import { loadFunction } from "./cloudfront.ts";
import { eventFor, responseOf } from "./events.ts";
import { responseTo, send } from "./exchange.ts";
import { endToEnd, type Fields, forwarded, headOf, only } from "./headers.ts";
import { proxyResponse, type Response } from "./responses.ts";
import { type Target, withoutToken } from "./target.ts";
import { proxyRefusal, requestHeaders, responseHeaders } from "./upstream.ts";

/** The proxy waits for `verify` no longer. */
const VERIFY_MILLISECONDS = 5_000;
/** CloudFront's OriginReadTimeout: without a byte for so long, the response ends. */
const SILENCE_MILLISECONDS = 60_000;
const SILENT = new Error("PocketPaw was silent for too long");
/** What `verify` needs of the original request, beside its method, URI and host. */
const ASKED = /^(authorization|cookie|origin|sec-fetch-site|sec-websocket-key)$/;

/**
 * What replaces CloudFront's direct behaviors and the proxy in front of PocketPaw on a laptop, by the stack's CloudFront
 * Function and the function `verify`.
 *
 * @returns what streams a request and its response, and what opens a WebSocket; each returns a refusal, if any
 */
export function createDirect(pocketPaw: URL, invoke: Invoke, silence = SILENCE_MILLISECONDS) {
  const decide = loadFunction("direct.js");

  /** Begins the request to PocketPaw, with `verify`'s cookie; or a refusal. */
  async function begin(request: IncomingMessage, parts: Target, added: Fields) {
    const target = withoutToken(parts);
    const refusal = decide(request, parts) ?? proxyRefusal(parts.path);
    if (refusal !== undefined) return refusal;
    const answer = await ask(request, target).catch(() => undefined);
    const [cookie] = answer?.headers["x-pocketpaw-cookie"] ?? [];
    if (answer?.status === 401 || answer?.status === 403) return answer;
    if (answer?.status !== 204 || cookie === undefined) {
      return proxyResponse(503, "The gateway does not respond");
    }
    const headers = { ...requestHeaders(forwarded(request), pocketPaw, cookie), ...added };
    const outgoing = send(pocketPaw, { method: request.method, target, headers });
    return outgoing.setTimeout(silence, () => outgoing.destroy(SILENT));
  }

  /** Asks the function `verify` as the proxies in examples/ do. */
  async function ask(request: IncomingMessage, uri: string): Promise<Response> {
    const { host = "" } = request.headers;
    const headers = {
      ...only(request.headersDistinct, ASKED),
      host: [host],
      "x-original-host": [host],
      "x-original-method": [String(request.method)],
      "x-original-uri": [uri],
    };
    const parts = { path: "/api/auth/verify", query: "" };
    const asked = { method: "GET", parts, sourceIp: "127.0.0.1", headers, body: Buffer.alloc(0) };
    const event = eventFor(asked, "GET /api/auth/verify");
    const late = setTimeout(VERIFY_MILLISECONDS, undefined, { ref: false });
    return responseOf(await Promise.race([invoke("verify", event), late]));
  }

  async function stream(request: IncomingMessage, response: ServerResponse, parts: Target) {
    // Without it a body without a length would follow the headers unframed, as a second request.
    const isChunked = request.headers["transfer-encoding"] !== undefined;
    const framing = isChunked ? { "transfer-encoding": ["chunked"] } : {};
    const outgoing = await begin(request, parts, framing);
    if (!(outgoing instanceof ClientRequest)) return outgoing;
    // A client that goes away ends the request; a body that PocketPaw does not read to its end is no error.
    response.on("close", () => outgoing.destroy());
    pipeline(request, outgoing).catch(() => undefined);
    try {
      const incoming = await responseTo(outgoing);
      const { host = "" } = request.headers;
      const headers = responseHeaders(endToEnd(incoming), pocketPaw, host);
      response.writeHead(incoming.statusCode ?? 502, headers).flushHeaders();
      await pipeline(incoming, response);
    } catch (error) {
      if (!response.headersSent) return unreachable(error);
      response.destroy();
    }
    return undefined;
  }

  async function open(request: IncomingMessage, socket: Duplex, head: Buffer, parts: Target) {
    const upgrade = { connection: ["Upgrade"], upgrade: ["websocket"] };
    const outgoing = await begin(request, parts, upgrade);
    if (!(outgoing instanceof ClientRequest)) return outgoing;
    socket.on("close", () => outgoing.destroy());
    return new Promise<Response | undefined>((resolve) => {
      outgoing.on("error", (error) => resolve(unreachable(error)));
      outgoing.on("response", ({ statusCode = 502 }) => {
        outgoing.destroy();
        resolve({ status: statusCode, headers: {}, body: Buffer.alloc(0) });
      });
      outgoing.on("upgrade", ({ headersDistinct }, upstream, first) => {
        // The limit of a response does not hold for an open WebSocket.
        upstream.setTimeout(0);
        // PocketPaw's own headers of the WebSocket, and no others.
        const fields = { ...upgrade, ...only(headersDistinct, /^sec-websocket-/) };
        socket.write(headOf("HTTP/1.1 101 Switching Protocols", fields));
        socket.write(first);
        upstream.write(head);
        pipeline(socket, upstream, socket)
          .catch(() => undefined)
          .then(() => socket.destroy());
        resolve(undefined);
      });
      outgoing.end();
    });
  }

  return { stream, open };
}

function unreachable(error: unknown): Response {
  return error === SILENT
    ? proxyResponse(504, SILENT.message)
    : proxyResponse(503, "PocketPaw does not respond");
}
