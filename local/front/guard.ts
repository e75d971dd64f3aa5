import type { IncomingMessage } from "node:http";

/** A response of the front server's own. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?$/i;
const DEFAULT_PORT = 80;

/**
 * Refuses a Host that is not this gateway's (DNS rebinding), and a request target that serverless-offline and
 * PocketPaw would interpret differently.
 *
 * @param port the port that the front server listens on
 * @returns undefined for a request that passes
 */
export function refusalOf(request: IncomingMessage, port: number): Refusal | undefined {
  const hosts = request.headersDistinct.host ?? [];
  if (hosts.length !== 1 || !isOwnHost(hosts[0] ?? "", port)) {
    const allowed = `localhost:${port}, 127.0.0.1:${port}, [::1]:${port}`;
    return {
      status: 403,
      message: `The Host header does not name this gateway; allowed: ${allowed}`,
    };
  }
  const path = pathOf(request.url ?? "");
  if (!path.startsWith("/") || path.includes("\\") || hasDotSegment(path)) {
    return { status: 400, message: "Bad Request" };
  }
  return undefined;
}

function isOwnHost(host: string, port: number): boolean {
  const match = LOOPBACK_HOST.exec(host);
  return match !== null && Number(match[2] ?? DEFAULT_PORT) === port;
}

/** The path of a request target, without its query string. */
export function pathOf(target: string): string {
  return target.split(/[?#]/, 1)[0] ?? "";
}

/** A server that resolves `.` and `..` would see another path than a server that does not. */
function hasDotSegment(path: string): boolean {
  return decodeFully(path)
    .split(/[/\\]/)
    .some((segment) => segment === "." || segment === "..");
}

/** Percent-decoded until nothing changes; an escape that is not UTF-8 decodes to U+FFFD. */
export function decodeFully(text: string): string {
  let decoded = text;
  for (let next = decodeOnce(decoded); next !== decoded; next = decodeOnce(decoded)) decoded = next;
  return decoded;
}

function decodeOnce(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}
