import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Invoke } from "../functions.ts";
import { loadFunction } from "./cloudfront.ts";
import { functionEvent, responseOf } from "./events.ts";
import { responseTo, send } from "./exchange.ts";
import { endToEnd, type Fields, forwarded } from "./headers.ts";
import { proxyResponse, type Response } from "./responses.ts";
import { type Target, withoutToken } from "./target.ts";
import { proxyRefusal, requestHeaders, responseHeaders } from "./upstream.ts";

const RULES = join(import.meta.dirname, "../../deploy/cloudfront/direct.js");
/** The proxy waits for `verify` no longer. */
const VERIFY_LIMIT_MILLISECONDS = 5_000;
/** CloudFront's OriginReadTimeout: without a byte for so long, the response ends. */
const SILENCE_LIMIT_MILLISECONDS = 60_000;
/** What `verify` needs of the original request, beside its method, URI and host. */
const ASKED = ["authorization", "cookie", "origin", "sec-fetch-site", "sec-websocket-key"];
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
  async function begin(request: IncomingMessage, parts: Target, added: Fields) {
    const target = withoutToken(parts);
    const refusal = decide(request, target) ?? proxyRefusal(parts.path);
    if (refusal !== undefined) return { refusal };
    const answer = await ask(request, target).catch(() => undefined);
    const cookie = answer?.headers["x-pocketpaw-cookie"]?.[0];
    if (answer?.status === 401 || answer?.status === 403) return { refusal: answer };
    if (answer?.status !== 204 || cookie === undefined) {
      return { refusal: proxyResponse(503, "The gateway does not respond") };
    }
    const headers = { ...requestHeaders(forwarded(request), pocketPaw, cookie), ...added };
    const outgoing = send(pocketPaw, { method: request.method ?? "", target, headers });
    outgoing.setTimeout(silenceMilliseconds, () => outgoing.destroy(new Silent()));
    return { outgoing };
  }

  /** Asks the function `verify` as the proxies in examples/ do. */
  async function ask(request: IncomingMessage, uri: string): Promise<Response> {
    const { method = "", headers, headersDistinct } = request;
    const host = [headers.host ?? ""];
    const asked = ASKED.flatMap((name) => {
      const values = headersDistinct[name];
      return values === undefined ? [] : [[name, values] as const];
    });
    const event = functionEvent(
      {
        method: "GET",
        parts: { path: "/api/auth/verify", query: "" },
        sourceIp: "127.0.0.1",
        headers: {
          ...Object.fromEntries(asked),
          ...{ host, "x-original-host": host },
          ...{ "x-original-method": [method], "x-original-uri": [uri] },
        },
        body: Buffer.alloc(0),
      },
      VERIFY,
    );
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error("late")), VERIFY_LIMIT_MILLISECONDS).unref();
    });
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
      const framing = isChunked && { "transfer-encoding": ["chunked"] };
      const { refusal, outgoing } = await begin(request, parts, { ...framing });
      if (outgoing === undefined) return refusal;
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
      const { refusal, outgoing } = await begin(request, parts, upgrade);
      if (outgoing === undefined) return refusal;
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
          socket.write(acceptance(incoming.headersDistinct));
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
function acceptance(headers: NodeJS.Dict<string[]>): string {
  const own = Object.entries(headers).filter(([name]) => name.startsWith("sec-websocket-"));
  const lines = own.flatMap(([name, values = []]) =>
    values.map((value) => `${name}: ${value}\r\n`),
  );
  return `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${lines.join("")}\r\n`;
}

class Silent extends Error {}

function unreachable(error: unknown): Response {
  return error instanceof Silent
    ? proxyResponse(504, "PocketPaw was silent for too long")
    : proxyResponse(503, "PocketPaw does not respond");
}
