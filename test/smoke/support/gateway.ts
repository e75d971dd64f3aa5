import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { listenOnLoopback } from "../../support/loopback.ts";
import {
  type Answer,
  type Asked,
  type Contract,
  createContract,
  webSocketAccept,
} from "./contract.ts";

/** What a wrong gateway does otherwise; each gets what the contract says. */
export interface Fault {
  readonly answer?: (right: Answer, asked: Asked, contract: Contract) => Answer | "no response";
  /** @returns a handshake's status */
  readonly upgrade?: (right: number, asked: Asked) => number;
  /** @returns Sec-WebSocket-Accept */
  readonly accept?: (right: string) => string;
}

/** A real HTTP server in the gateway's place. Without a fault it does what the contract says. */
export async function startContractServer(hasPocketPaw: boolean, fault: Fault = {}) {
  const contract = createContract(hasPocketPaw);
  const masterToken = contract.masterToken();
  const seen: Asked[] = [];

  async function read(request: IncomingMessage): Promise<Asked> {
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const asked = {
      method: request.method ?? "",
      path,
      query: new URLSearchParams(query),
      headers,
      body: request.headers.upgrade === undefined ? await text(request) : "",
      origin: `http://${request.headers.host}`,
    };
    seen.push(asked);
    return asked;
  }

  const server = createServer(async (request, response) => {
    const asked = await read(request);
    const right = contract.answer(asked);
    const answer = fault.answer?.(right, asked, contract) ?? right;
    if (answer === "no response") return void request.socket.destroy();
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  });
  server.on("upgrade", async (request, socket) => {
    const asked = await read(request);
    const right = contract.upgrade(asked);
    const status = fault.upgrade?.(right, asked) ?? right;
    const accept = webSocketAccept(request.headers["sec-websocket-key"] ?? "");
    socket.end(
      status === 101
        ? `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${fault.accept?.(accept) ?? accept}\r\n\r\n`
        : `HTTP/1.1 ${status} Status\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
  });
  return { ...(await listenOnLoopback(server)), masterToken, seen };
}
