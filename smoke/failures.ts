/** A mistake that the operator can correct: the run ends with exit code 2. */
export class OperatorError extends Error {}

/** A request that got no response. */
export class NoResponse extends Error {}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "no DNS record of this host name was found",
  EAI_AGAIN: "the DNS server did not respond",
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the server closed the connection",
  EHOSTUNREACH: "there is no route to this host",
  ENETUNREACH: "there is no route to this host",
  ETIMEDOUT: "the connection timed out",
  CERT_HAS_EXPIRED: "TLS failed: the certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS failed: the certificate is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS failed: the certificate is for another host name",
};

/**
 * Why a request got no response, in words of our own: an error's message may repeat what the server sent.
 *
 * @param error of Node's HTTP client
 * @returns the reason, with Node's error code where there is one
 */
export function reasonOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  const key = typeof code === "string" ? code : String(name);
  return `${REASONS[key] ?? generalReason(key)} (${key})`;
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function generalReason(code: string): string {
  if (/CERT|ISSUER|SIGNATURE|^ERR_(TLS|SSL)_|^EPROTO$/.test(code)) return "TLS failed";
  if (code.startsWith("HPE_")) return "the server does not speak HTTP there";
  return "the connection failed";
}
