import { once } from "node:events";
import { Agent, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as TlsAgent } from "node:https";
import type { Socket } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import { isLoopback } from "./arguments.ts";
import { NoResponse, OperatorError, reasonOf } from "./failures.ts";

const PROXY_LIMIT_MILLISECONDS = 10_000;

/**
 * What opens the connections to a gateway: directly, or through the proxy that HTTPS_PROXY names, by CONNECT
 * (RFC 9110 section 9.3.6). Node's own NODE_USE_ENV_PROXY is not there on Node 20, so it does not count.
 */
export function createAgent(url: URL): Agent {
  if (url.protocol === "http:") return new Agent({ keepAlive: true });
  const agent = new TlsAgent({ keepAlive: true });
  const proxy = proxyOf(url, process.env);
  if (proxy === undefined) return agent;
  const createConnection = (
    tls: ConnectionOptions,
    done: (error: Error | null, socket?: Socket) => void,
  ) => {
    openTunnel(proxy, url).then((socket) => done(null, connect({ ...tls, socket })), done);
  };
  return Object.assign(agent, { createConnection });
}

/**
 * The proxy that a request to a URL goes through, by the variables and in the spellings that curl reads.
 *
 * @returns undefined for this machine itself, and for a host that NO_PROXY names
 * @throws OperatorError when the proxy's URL cannot be read
 */
export function proxyOf(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const { https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY } = environment;
  const given = https_proxy || HTTPS_PROXY;
  if (!given || url.protocol === "http:" || isLoopback(url)) return undefined;
  const excepted = (no_proxy || NO_PROXY || "").split(",").map((entry) => entry.trim());
  const isExcepted = (entry: string) =>
    entry === "*" ||
    (entry !== "" && `.${url.hostname}`.endsWith(`.${entry.replace(/^\*?\./, "")}`));
  if (excepted.some(isExcepted)) return undefined;
  const proxy = given.includes("://") ? given : `http://${given}`;
  if (/^https?:/i.test(proxy) && URL.canParse(proxy)) return new URL(proxy);
  throw new OperatorError("HTTPS_PROXY is no http URL; it must be one, such as http://proxy:3128");
}

async function openTunnel(proxy: URL, { hostname, port }: URL): Promise<Socket> {
  const authority = `${hostname}:${port || 443}`;
  const user = [proxy.username, proxy.password].map(decodeURIComponent).join(":");
  const authorization = user === ":" ? {} : { "proxy-authorization": `Basic ${btoa(user)}` };
  const outgoing = (proxy.protocol === "https:" ? requestHttps : requestHttp)(proxy, {
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...authorization },
    auth: "",
    agent: false,
    signal: AbortSignal.timeout(PROXY_LIMIT_MILLISECONDS),
  });
  outgoing.end();
  const fail = (reason: string) => new NoResponse(`the proxy of HTTPS_PROXY: ${reason}`);
  const [{ statusCode }, socket] = await once(outgoing, "connect").catch((error: unknown) => {
    throw fail(reasonOf(error));
  });
  if (statusCode === 200) return socket;
  socket.destroy();
  throw fail(`it responded ${statusCode}`);
}
