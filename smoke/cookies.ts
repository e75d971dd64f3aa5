import type { Reply } from "./client.ts";

export const COOKIE = "pocketpaw_session";

export interface SetCookie {
  readonly value: string;
  /** Names in lower case; an attribute without a value has the empty one. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** The session cookies that a response sets (RFC 6265 section 4.1). */
export function sessionCookies({ headers }: Reply): SetCookie[] {
  return (headers["set-cookie"] ?? []).flatMap((line) => {
    const [pair = "", ...rest] = line.split(";").map((part) => part.trim());
    const [name, value] = split(pair);
    if (name !== COOKIE) return [];
    const attributes = rest.map(split).map(([key, text]) => [key.toLowerCase(), text] as const);
    return [{ value, attributes: new Map(attributes) }];
  });
}

function split(part: string): [string, string] {
  const at = part.indexOf("=");
  return at === -1 ? [part, ""] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
}
