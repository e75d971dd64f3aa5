import { fieldOf } from "./fields.ts";

/**
 * A request header's values, whatever the case of its name: HTTP APIs send lower-case names, REST
 * APIs and serverless-offline the client's own. A REST API has repeated headers in
 * `multiValueHeaders` alone.
 *
 * @param event of any kind; one without headers has no values
 */
export function headerOf(event: unknown, lowerCaseName: string): string[] {
  const values = valuesOf(fieldOf(event, "headers"), lowerCaseName);
  const repeated = valuesOf(fieldOf(event, "multiValueHeaders"), lowerCaseName);
  if (values.length + repeated.length < 2) return values.length > 0 ? values : repeated;
  return [...new Set([...values, ...repeated])];
}

function valuesOf(headers: unknown, lowerCaseName: string): string[] {
  if (typeof headers !== "object" || headers === null) return [];
  const values: string[] = [];
  // Not by Object.entries: an authorizer looks at every name of every request (npm run bench).
  for (const name of Object.keys(headers)) {
    if (name.length !== lowerCaseName.length || name.toLowerCase() !== lowerCaseName) continue;
    // Not by push(...): that throws for a list longer than the call stack.
    for (const value of stringsOf(Reflect.get(headers, name))) values.push(value);
  }
  return values;
}

/** One value or a list of values, without those that are not strings, or are empty. */
export function stringsOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((item): item is string => typeof item === "string" && item !== "");
}
