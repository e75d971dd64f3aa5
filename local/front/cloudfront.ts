import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createContext, Script } from "node:vm";
import type { Response } from "./exchange.ts";

/** A field of CloudFront's event: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
interface Field {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}
type Fields = Readonly<Record<string, Field>>;

interface Result {
  readonly statusCode?: number;
  readonly uri: string;
  readonly querystring?: Fields;
  readonly headers?: Fields;
  readonly cookies?: Fields;
}

/** A request as the function has changed it. */
export interface Passed {
  readonly target: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a CloudFront Function makes of a request: a response of its own, or the request. */
export type CloudFrontFunction = (
  request: IncomingMessage,
  target?: string,
) => { readonly response: Response } | { readonly passed: Passed };

/** Loads one of the stack's CloudFront Functions (deploy/cloudfront). */
export function loadFunction(file: string): CloudFrontFunction {
  const context = createContext({});
  new Script(readFileSync(file, "utf8"), { filename: file }).runInContext(context);
  const handler = context.handler as (event: unknown) => Result;
  return (request, target = request.url ?? "") => {
    const result = handler({ version: "2.0", request: eventRequest(request, target) });
    const { statusCode: status, uri, querystring = {}, headers = {}, cookies = {} } = result;
    if (status !== undefined) {
      const all = Object.entries(headers).flatMap(([name, { value }]) => [name, value]);
      return { response: { status, headers: all, body: Buffer.alloc(0) } };
    }
    const query = pairs(querystring).join("&");
    const cookie = pairs(cookies).join("; ");
    const kept = Object.entries(headers).map(([name, { value }]) => [name, value]);
    return {
      passed: {
        target: query === "" ? uri : `${uri}?${query}`,
        headers: { ...Object.fromEntries(kept), ...(cookie === "" ? {} : { cookie }) },
      },
    };
  };
}

function eventRequest({ method, headersDistinct }: IncomingMessage, target: string) {
  const at = target.indexOf("?");
  const [uri, query] = at === -1 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
  const { cookie = [], connection: _, upgrade: __, ...headers } = headersDistinct;
  return {
    method,
    uri,
    headers: fields(
      Object.entries(headers).flatMap(([name, values = []]) =>
        values.map((value) => [name, value]),
      ),
    ),
    cookies: fields(cookie.flatMap((line) => line.split(";").map((pair) => split(pair.trim())))),
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
    const all = values.get(name);
    if (all === undefined) values.set(name, [{ value }]);
    else all.push({ value });
  }
  // The names are the client's: in an object without a prototype, `__proto__` is a name like any other.
  const result: Record<string, Field> = Object.create(null);
  for (const [name, all] of values) {
    const value = all[0]?.value ?? "";
    result[name] = all.length === 1 ? { value } : { value, multiValue: all };
  }
  return result;
}

function pairs(all: Fields): string[] {
  return Object.entries(all).flatMap(([name, { value, multiValue }]) =>
    (multiValue ?? [{ value }]).map((each) => `${name}=${each.value}`),
  );
}
