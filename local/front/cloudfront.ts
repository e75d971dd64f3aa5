import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { runInNewContext } from "node:vm";
import type { Response } from "./responses.ts";

/** A field of CloudFront's event: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
type Fields = Readonly<Record<string, Field>>;

interface Field {
  readonly value: string;
  readonly multiValue?: readonly { readonly value: string }[];
}

/**
 * Loads one of the stack's CloudFront Functions (deploy/cloudfront).
 *
 * @returns what decides about a request, by its path and query: the function's response; undefined when it passes the
 *   request on
 */
export function loadFunction(
  file: string,
): (request: IncomingMessage, target: string) => Response | undefined {
  const context: { handler?: (event: object) => { statusCode?: number; headers?: Fields } } = {};
  runInNewContext(readFileSync(file, "utf8"), context, { filename: file });
  return (request, target) => {
    const event = { version: "2.0", request: eventRequest(request, target) };
    const { statusCode: status, headers = {} } = context.handler?.(event) ?? {};
    if (status === undefined) return undefined;
    const all = Object.entries(headers).map(([name, { value }]) => [name, [value]]);
    return { status, headers: Object.fromEntries(all), body: Buffer.alloc(0) };
  };
}

function eventRequest({ method, headersDistinct }: IncomingMessage, target: string) {
  const [uri = "", query = ""] = target.split(/\?(.*)/s);
  const { cookie = [], connection: _, upgrade: __, ...headers } = headersDistinct;
  const pairs = Object.entries(headers).flatMap(([name, values = []]) =>
    values.map((value) => [name, value]),
  );
  return {
    method,
    uri,
    headers: fields(pairs),
    cookies: fields(cookie.flatMap((line) => line.split(";").map((pair) => split(pair.trim())))),
    querystring: fields(query === "" ? [] : query.split("&").map(split)),
  };
}

function split(pair: string): string[] {
  return pair.split(/=(.*)/s);
}

/** The names are the client's: in an object without a prototype, `__proto__` is a name like any other. */
function fields(pairs: readonly string[][]): Fields {
  const values: Record<string, { value: string }[]> = Object.create(null);
  for (const [name = "", value = ""] of pairs) {
    values[name] ??= [];
    values[name].push({ value });
  }
  const all = Object.entries(values).map(([name, multiValue]) => [
    name,
    { value: multiValue[0]?.value, ...(multiValue.length > 1 && { multiValue }) },
  ]);
  return Object.fromEntries(all);
}
