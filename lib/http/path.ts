/** Segments of letters, digits, space, punctuation that has one spelling only, and non-ASCII. */
const PLAIN_PATH = /^(\/[A-Za-z0-9 \u0080-\uffff\-._~!$&'()*+,=:@]+)*\/?$/;
const DOT_SEGMENT = /\/\.{1,2}(\/|$)/;

/**
 * Whether a path could be one thing here and another one at a server behind us: only what every server
 * reads alike is plain. A newline at the end, for one, is ignored by the `$` of PocketPaw's router.
 *
 * @param path decoded once, without the query
 */
export function isOddPath(path: string): boolean {
  return !path.startsWith("/") || !PLAIN_PATH.test(path) || DOT_SEGMENT.test(path);
}

/**
 * The path of a request target, decoded once.
 *
 * @param target as the client sent it, with or without a query
 * @returns undefined where an escape does not decode
 */
export function decodedPath(target: string): string | undefined {
  const [path = ""] = target.split("?", 1);
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
