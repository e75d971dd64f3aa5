import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createContext, Script } from "node:vm";

/** A field of CloudFront's event: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
interface Field {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}
type Fields = Readonly<Record<string, Field>>;

interface Passed {
  readonly uri: string;
  readonly querystring: Fields;
  readonly headers: Fields;
  readonly cookies: Fields;
}

/** A handshake as it is sent to PocketPaw. */
export interface Handshake {
  readonly target: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Decides about WebSocket handshakes by the stack's own CloudFront Function.
 *
 * @param file deploy/cloudfront/websocket.js
 * @returns undefined for a handshake that the function refuses
 */
export function loadHandshakeRules(
  file: string,
): (request: IncomingMessage) => Handshake | undefined {
  const context = createContext({});
  new Script(readFileSync(file, "utf8"), { filename: file }).runInContext(context);
  const handler = context.handler as (event: unknown) => object;
  return (request) => {
    const result = handler({ version: "2.0", request: eventRequest(request) });
    return "statusCode" in result ? undefined : handshake(result as Passed);
  };
}

function eventRequest(request: IncomingMessage) {
  const [uri = "", query = ""] = (request.url ?? "").split("?", 2);
  const headers = Object.entries(request.headersDistinct).filter(
    ([name]) => name !== "cookie" && name !== "connection" && name !== "upgrade",
  );
  return {
    method: request.method,
    uri,
    headers: fields(headers.flatMap(([name, values = []]) => values.map((value) => [name, value]))),
    cookies: fields(
      (request.headersDistinct.cookie ?? []).flatMap((line) =>
        line.split(";").map((pair) => split(pair.trim())),
      ),
    ),
    querystring: fields(query === "" ? [] : query.split("&").map(split)),
  };
}

function split(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

function fields(pairs: readonly (readonly string[])[]): Record<string, Field> {
  const values = new Map<string, { value: string }[]>();
  for (const [name = "", value = ""] of pairs) {
    values.set(name, [...(values.get(name) ?? []), { value }]);
  }
  // The names are the client's: in an object without a prototype, `__proto__` is a name like any other.
  const result: Record<string, Field> = Object.create(null);
  for (const [name, all] of values) {
    const value = all[0]?.value ?? "";
    result[name] = all.length === 1 ? { value } : { value, multiValue: all };
  }
  return result;
}

function handshake({ uri, querystring, headers, cookies }: Passed): Handshake {
  const query = pairs(querystring).join("&");
  const cookie = pairs(cookies).join("; ");
  const kept = Object.entries(headers).map(([name, { value }]) => [name, value]);
  return {
    target: query === "" ? uri : `${uri}?${query}`,
    headers: { ...Object.fromEntries(kept), ...(cookie === "" ? {} : { cookie }) },
  };
}

function pairs(all: Fields): string[] {
  return Object.entries(all).flatMap(([name, { value, multiValue }]) =>
    (multiValue ?? [{ value }]).map((each) => `${name}=${each.value}`),
  );
}
