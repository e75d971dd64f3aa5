import { fieldOf, stringsOf } from "./fields.ts";

/** The request headers that any of the functions reads. */
const NAMES = [
  "authorization",
  "cookie",
  "host",
  "origin",
  "sec-fetch-site",
  "sec-websocket-key",
  "upgrade",
  "x-forwarded-for",
  "x-original-host",
  "x-original-method",
  "x-original-uri",
] as const;

export type HeaderName = (typeof NAMES)[number];

/** The values of each header, in order and without repetitions; none of a header that is absent or empty. */
export type Headers = (name: HeaderName) => readonly string[];

const KNOWN: ReadonlySet<string> = new Set(NAMES);
const NONE: readonly string[] = [];

/**
 * Reads the headers of an event, whatever the case of their names: HTTP APIs send lower-case names, REST
 * APIs the client's own. A REST API has repeated headers in `multiValueHeaders` alone.
 *
 * @param event of any kind; one without headers has no values
 */
export function readHeaders(event: unknown): Headers {
  const found = new Map<string, string[]>();
  for (const headers of [fieldOf(event, "headers"), fieldOf(event, "multiValueHeaders")]) {
    if (typeof headers !== "object" || headers === null) continue;
    // Not by Object.entries: an authorizer looks at every name of every request (npm run bench).
    for (const anyCase of Object.keys(headers)) {
      const name = anyCase.toLowerCase();
      if (!KNOWN.has(name)) continue;
      const values = stringsOf(Reflect.get(headers, anyCase));
      const before = found.get(name);
      found.set(name, before === undefined ? values : [...new Set([...before, ...values])]);
    }
  }
  return (name) => found.get(name) ?? NONE;
}
