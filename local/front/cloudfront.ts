import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import type { Response } from "./responses.ts";
import type { Target } from "./target.ts";

type Fields = Readonly<Record<string, { value?: string; multiValue?: object[] }>>;

/**
 * Loads one of the stack's CloudFront Functions, a file of deploy/cloudfront.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 *
 * @returns what decides about a request: the function's response; undefined when it passes the request on
 */
export function loadFunction(file: string) {
  const context: { handler?: (event: object) => { statusCode?: number; headers?: Fields } } = {};
  const path = join(import.meta.dirname, "../../deploy/cloudfront", file);
  runInNewContext(readFileSync(path, "utf8"), context);
  return (request: IncomingMessage, target: Target): Response | undefined => {
    const event = { version: "2.0", request: eventRequest(request, target) };
    const { statusCode: status, headers = {} } = context.handler?.(event) ?? {};
    if (status === undefined) return undefined;
    const all = Object.entries(headers).map(([name, { value }]) => [name, [value]]);
    return { status, headers: Object.fromEntries(all), body: Buffer.alloc(0) };
  };
}

function eventRequest({ method, headersDistinct }: IncomingMessage, { path, query }: Target) {
  const { cookie = [], connection: _, upgrade: __, ...headers } = headersDistinct;
  const pairs = Object.entries(headers).flatMap(([name, values = []]) =>
    values.map((value) => [name, value]),
  );
  const cookies = cookie.flatMap((line) => line.split(";").map((pair) => split(pair.trim())));
  const querystring = fields(query === "" ? [] : query.split("&").map(split));
  return { method, uri: path, headers: fields(pairs), cookies: fields(cookies), querystring };
}

const split = (pair: string) => pair.split(/=(.*)/s);

/** The names are the client's: in an object without a prototype, `__proto__` is a name like any other. */
function fields(pairs: readonly string[][]): Fields {
  const all: Record<string, { value: string }[]> = Object.create(null);
  for (const [name = "", value = ""] of pairs) {
    all[name] ??= [];
    all[name].push({ value });
  }
  const entries = Object.entries(all).map(([name, multiValue]) => {
    return [name, { ...multiValue[0], ...(multiValue.length > 1 && { multiValue }) }];
  });
  return Object.fromEntries(entries);
}
