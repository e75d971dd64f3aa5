import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Invoke } from "../functions.ts";
import { loadFunction } from "./cloudfront.ts";
import { functionEvent, responseOf } from "./events.ts";
import { type Response, responseTo, send } from "./exchange.ts";
import { proxyResponse } from "./gateway-errors.ts";
import { forwardedHeaders, valuesOf } from "./headers.ts";
import { type Target, withoutToken } from "./target.ts";
import { proxyRefusal, requestHeaders, responseHeaders } from "./upstream.ts";

const RULES = join(import.meta.dirname, "../../deploy/cloudfront/direct.js");
/** The proxy waits for `verify` no longer. */
const VERIFY_LIMIT_MILLISECONDS = 5_000;
/** CloudFront's OriginReadTimeout: without a byte for so long, the response ends. */
const SILENCE_LIMIT_MILLISECONDS = 60_000;
/** What `verify` needs of the original request, beside its method, URI and host. */
const ASKED_HEADERS = [
  "authorization",
  "cookie",
  "origin",
  "sec-fetch-site",
  "sec-websocket-key",
] as const;
const VERIFY = {
  route: { key: "GET /api/auth/verify", functionKey: "verify", isGuarded: false },
  pathParameters: {},
};

export interface DirectOptions {
  readonly pocketPaw: URL;
  readonly invoke: Invoke;
  /** How long PocketPaw may be silent; CloudFront's limit by default. */
  readonly silenceMilliseconds?: number;
}

/** What replaces CloudFront's direct behaviors and the proxy in front of PocketPaw on a laptop. */
export interface Direct {
  /** Streams a request and its response; what it returns instead is the response to a request that is refused. */
  readonly stream: (
    request: IncomingMessage,
    response: ServerResponse,
    target: Target,
  ) => Promise<Response | undefined>;
  /** Opens a WebSocket; what it returns instead is the response to a handshake that is refused. */
  readonly open: (
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: Target,
  ) => Promise<Response | undefined>;
}

/** The direct paths on a laptop, by the stack's CloudFront Function and the function `verify`. */
export function createDirect(options: DirectOptions): Direct {
  const { pocketPaw, invoke, silenceMilliseconds = SILENCE_LIMIT_MILLISECONDS } = options;
  const decide = loadFunction(RULES);

  /** The headers and the target that PocketPaw gets; or a refusal. */
  async function admit(request: IncomingMessage, parts: Target) {
    const target = withoutToken(parts);
    const decided = decide(request, target);
    if ("response" in decided) return decided.response;
    const refusal = proxyRefusal(parts.path);
    if (refusal !== undefined) return refusal;
    const verified = await ask(request, target).catch(() => undefined);
    const cookie = valuesOf(verified?.headers ?? [], "x-pocketpaw-cookie")[0];
    if (verified?.status === 204 && cookie !== undefined) {
      const { remoteAddress = "127.0.0.1" } = request.socket;
      const headers = forwardedHeaders(request.rawHeaders, remoteAddress);
      return { target, sent: requestHeaders(headers, pocketPaw, cookie) };
    }
    if (verified?.status === 401 || verified?.status === 403) return verified;
    return proxyResponse(503, "The gateway does not respond");
  }

  /** Asks the function `verify` as the proxies in examples/ do. */
  async function ask(request: IncomingMessage, target: string): Promise<Response> {
    const { method = "", headers } = request;
    const host = headers.host ?? "";
    const asked = ASKED_HEADERS.flatMap((name) =>
      (request.headersDistinct[name] ?? []).flatMap((value) => [name, value]),
    );
    const original = [
      ...["x-original-method", method, "x-original-uri", target, "x-original-host", host],
      ...["host", host, ...asked],
    ];
    const event = functionEvent(
      {
        method: "GET",
        parts: { path: "/api/auth/verify", query: "" },
        host,
        sourceIp: "127.0.0.1",
        headers: original,
        body: Buffer.alloc(0),
      },
      VERIFY,
    );
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("late")), VERIFY_LIMIT_MILLISECONDS).unref();
    });
    return responseOf(await Promise.race([invoke("verify", event), late]));
  }

  function begin(request: IncomingMessage, path: string, headers: readonly string[]) {
    const outgoing = send(pocketPaw, { method: request.method, path, headers });
    outgoing.setTimeout(silenceMilliseconds, () => outgoing.destroy(new Silent()));
    return outgoing;
  }

  return {
    async stream(request, response, parts) {
      const admitted = await admit(request, parts);
      if ("status" in admitted) return admitted;
      // Without it a body without a length would follow the headers unframed, as a second request.
      const isChunked = request.headers["transfer-encoding"] !== undefined;
      const framing = isChunked ? ["Transfer-Encoding", "chunked"] : [];
      const outgoing = begin(request, admitted.target, [...admitted.sent, ...framing]);
      // A client that goes away ends the request; a body that PocketPaw does not read to its end is no error.
      response.on("close", () => outgoing.destroy());
      pipeline(request, outgoing).catch(() => undefined);
      try {
        const incoming = await responseTo(outgoing);
        const gateway = `http://${request.headers.host}`;
        const headers = responseHeaders(incoming.rawHeaders, pocketPaw, gateway);
        response.writeHead(incoming.statusCode ?? 502, headers).flushHeaders();
        await pipeline(incoming, response);
        return undefined;
      } catch (error) {
        if (!response.headersSent) return unreachable(error);
        response.destroy();
        return undefined;
      }
    },

    async open(request, socket, head, parts) {
      const admitted = await admit(request, parts);
      if ("status" in admitted) return admitted;
      const upgrade = ["Connection", "Upgrade", "Upgrade", "websocket"];
      const outgoing = begin(request, admitted.target, [...admitted.sent, ...upgrade]);
      socket.on("close", () => outgoing.destroy());
      return new Promise((resolve) => {
        outgoing.on("error", (error) => resolve(unreachable(error)));
        outgoing.on("response", (incoming) => {
          outgoing.destroy();
          const headers = responseHeaders(incoming.rawHeaders, pocketPaw, "");
          resolve({ status: incoming.statusCode ?? 502, headers, body: Buffer.alloc(0) });
        });
        outgoing.on("upgrade", (incoming, upstream, first) => {
          socket.write(acceptance(incoming.headersDistinct));
          socket.write(first);
          upstream.write(head);
          // The limit of a response does not hold for an open WebSocket.
          upstream.setTimeout(0);
          const ended = pipeline(socket, upstream, socket).catch(() => undefined);
          ended.then(() => socket.destroy());
          resolve(undefined);
        });
        outgoing.end();
      });
    },
  };
}

/** The response that opens a WebSocket, with its own headers of PocketPaw's and no others. */
function acceptance(headers: NodeJS.Dict<string[]>): string {
  const own = Object.entries(headers).filter(([name]) => name.startsWith("sec-websocket-"));
  return [
    `HTTP/1.1 101 ${STATUS_CODES[101]}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    ...own.flatMap(([name, values = []]) => values.map((value) => `${name}: ${value}`)),
    "\r\n",
  ].join("\r\n");
}

class Silent extends Error {}

function unreachable(error: unknown): Response {
  return error instanceof Silent
    ? proxyResponse(504, "PocketPaw was silent for too long")
    : proxyResponse(503, "PocketPaw does not respond");
}
