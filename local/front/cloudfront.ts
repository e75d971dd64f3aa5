import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createContext, Script } from "node:vm";
import type { Response } from "./responses.ts";

/** A field of CloudFront's event: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
interface Field {
  readonly value: string;
  multiValue?: { readonly value: string }[];
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
  const context = createContext({});
  new Script(readFileSync(file, "utf8"), { filename: file }).runInContext(context);
  const handler = context.handler as (event: unknown) => {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, Field>>;
  };
  return (request, target) => {
    const event = { version: "2.0", request: eventRequest(request, target) };
    const { statusCode: status, headers = {} } = handler(event);
    if (status === undefined) return undefined;
    const all = Object.entries(headers).map(([name, { value }]) => [name, [value]]);
    return { status, headers: Object.fromEntries(all), body: Buffer.alloc(0) };
  };
}

function eventRequest({ method, headersDistinct }: IncomingMessage, target: string) {
  const [uri = "", query = ""] = target.split(/\?(.*)/s);
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

function split(pair: string): string[] {
  const [name = "", value = ""] = pair.split(/=(.*)/s);
  return [name, value];
}

/** The names are the client's: in an object without a prototype, `__proto__` is a name like any other. */
function fields(pairs: readonly (readonly string[])[]): Record<string, Field> {
  const result: Record<string, Field> = Object.create(null);
  for (const [name = "", value = ""] of pairs) {
    const field = result[name];
    if (field === undefined) result[name] = { value };
    else if (field.multiValue === undefined) field.multiValue = [{ value: field.value }, { value }];
    else field.multiValue.push({ value });
  }
  return result;
}
