import type { RawHeaders } from "./exchange.ts";

/** https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** The gateway sets these itself. */
const NOT_FROM_CLIENTS =
  /^(forwarded|x-forwarded-.*|x-real-ip|cf-connecting-ip|x-origin-verify|expect)$/;

/** @param names in lower case */
export function withoutHeaders(headers: RawHeaders, names: readonly string[]): string[] {
  return filterHeaders(headers, (name) => !names.includes(name));
}

/** The values of a header, by its name in lower case. */
export function valuesOf(headers: RawHeaders, name: string): string[] {
  return filterHeaders(headers, (each) => each === name).filter((_, index) => index % 2 === 1);
}

/**
 * A client's headers as they are sent on: without hop-by-hop headers, and with the address and scheme of the
 * client's own connection.
 */
export function forwardedHeaders(headers: RawHeaders, remoteAddress: string): string[] {
  const kept = filterHeaders(endToEnd(headers), (name) => !NOT_FROM_CLIENTS.test(name));
  return [...kept, "X-Forwarded-For", remoteAddress, "X-Forwarded-Proto", "http"];
}

/** Headers without those of one connection, those that `Connection` names included. */
export function endToEnd(headers: RawHeaders): string[] {
  const named = valuesOf(headers, "connection").flatMap((value) =>
    value.split(",").map((name) => name.trim().toLowerCase()),
  );
  return withoutHeaders(headers, [...HOP_BY_HOP, ...named]);
}

/** Headers without CORS headers: API Gateway ignores an integration's. */
export function withoutCors(headers: RawHeaders): string[] {
  return filterHeaders(headers, (name) => !name.startsWith("access-control-"));
}

function filterHeaders(headers: RawHeaders, keep: (name: string) => boolean): string[] {
  return headers.filter((_, index) => keep((headers[index - (index % 2)] ?? "").toLowerCase()));
}
