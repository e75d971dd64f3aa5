/** uri-host [":" port], RFC 9110 section 7.2, with the host names that DNS knows and IP addresses. */
const HOST = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?$/i;

/** `localhost`, 127.0.0.0/8 (RFC 1122 section 3.2.1.3) and [::1], with a port or without. */
const LOOPBACK_HOST = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?$/i;

/**
 * The one host of a request.
 *
 * @param values of the header that names it
 * @returns in lower case; undefined where there is not exactly one, or what it says is no host
 */
export function onlyHost([host, ...others]: readonly string[]): string | undefined {
  const isHost = host !== undefined && others.length === 0 && HOST.test(host);
  return isHost ? host.toLowerCase() : undefined;
}

/** Whether a `Host` header names this machine itself. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOST.test(host);
}

/**
 * The web origin of a host: https, or http for a loopback host, where browsers speak no TLS. A default port
 * is left out, as browsers do (RFC 6454 section 6.2).
 *
 * @param host in lower case
 */
export function originOf(host: string): string {
  return isLoopbackHost(host)
    ? `http://${host.replace(/:80$/, "")}`
    : `https://${host.replace(/:443$/, "")}`;
}
