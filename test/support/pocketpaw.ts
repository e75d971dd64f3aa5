import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { listenOnLoopback } from "./loopback.ts";
import { MASTER_TOKEN, pocketPawToken } from "./tokens.ts";

/** The two routes of a PocketPaw that a regeneration needs, over HTTP. */
export interface PocketPaw {
  url: string;
  /** Its master token now. */
  token: () => string;
  /** Each request, as `<method> <path>`. */
  requests: string[];
  /** The header `X-Origin-Verify` of each request. */
  originVerify: unknown[];
  /** In place of its own response to the regenerate route; the token is made before. */
  respondToRegenerate: ((response: ServerResponse, token: string) => void) | undefined;
  /** In place of its own response to the exchange, which shows whether a token is in force. */
  respondToSession: ((response: ServerResponse) => void) | undefined;
}

/** Starts one; it ends with the test. */
export async function startPocketPaw(prefix = ""): Promise<PocketPaw> {
  let token = MASTER_TOKEN;
  const pocketPaw: PocketPaw = {
    url: "",
    token: () => token,
    requests: [],
    originVerify: [],
    respondToRegenerate: undefined,
    respondToSession: undefined,
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    pocketPaw.requests.push(route);
    pocketPaw.originVerify.push(request.headers["x-origin-verify"]);
    if (route === `POST ${prefix}/api/token/regenerate`) {
      if (!isOwnCookie(request.headers.cookie, token)) return respond(response, 401, {});
      token = randomUUID();
      if (pocketPaw.respondToRegenerate) return pocketPaw.respondToRegenerate(response, token);
      return respond(response, 200, { token });
    }
    if (route === `POST ${prefix}/api/auth/session`) {
      if (pocketPaw.respondToSession) return pocketPaw.respondToSession(response);
      const isRight = request.headers.authorization === `Bearer ${token}`;
      return respond(response, isRight ? 200 : 401, {});
    }
    respond(response, 404, {});
  }

  const server = createServer((request, response) => void handle(request, response));
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  pocketPaw.url = url + prefix;
  return pocketPaw;
}

/** The cookie that the authorizer mints for a PocketPaw. */
export function upstreamCookie(masterToken: string): string {
  return `pocketpaw_session=${pocketPawToken(masterToken, Math.floor(Date.now() / 1000) + 300)}`;
}

/** As PocketPaw checks it: `<exp>:<hmac-sha256(master token, exp)>`. */
function isOwnCookie(header: string | undefined, masterToken: string): boolean {
  const [, value = "", exp = ""] = /^pocketpaw_session=((\d+):.*)$/.exec(header ?? "") ?? [];
  return value === pocketPawToken(masterToken, exp) && Number(exp) > Date.now() / 1000;
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
