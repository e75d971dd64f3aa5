import type { Reply } from "./client.ts";

/** The session cookie's names, by kind of host, and the name of PocketPaw's own. */
const NAMES = ["__Host-pocketpaw_session", "pocketpaw_gateway_session", "pocketpaw_session"];

export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** Seconds; NaN without the attribute. */
  readonly maxAge: number;
  /** The others, in lower case and in alphabetical order. */
  readonly attributes: string;
}

/** The session cookies that a response sets (RFC 6265 section 4.1), PocketPaw's own included. */
export function sessionCookies({ headers }: Reply): SetCookie[] {
  return (headers["set-cookie"] ?? []).flatMap((line) => {
    const [pair = "", ...rest] = line.split(";").map((part) => part.trim());
    const [name = "", value = ""] = pair.split("=");
    const attributes = rest.map((part) => part.toLowerCase()).sort();
    const maxAge = attributes.find((attribute) => attribute.startsWith("max-age="));
    const others = attributes.filter((attribute) => attribute !== maxAge).join("; ");
    const cookie = { name, value, maxAge: Number(maxAge?.slice(8)), attributes: others };
    return NAMES.includes(name) ? [cookie] : [];
  });
}
