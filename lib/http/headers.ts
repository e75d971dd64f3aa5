import { fieldOf } from "./fields.ts";

/**
 * A request header's values, whatever the case of its name: HTTP APIs send lower-case names, REST
 * APIs and serverless-offline the client's own. A REST API has repeated headers in
 * `multiValueHeaders` alone.
 *
 * @param event of any kind; one without headers has no values
 */
export function headerOf(event: unknown, lowerCaseName: string): string[] {
  return [
    ...new Set([
      ...valuesOf(fieldOf(event, "headers"), lowerCaseName),
      ...valuesOf(fieldOf(event, "multiValueHeaders"), lowerCaseName),
    ]),
  ];
}

function valuesOf(headers: unknown, lowerCaseName: string): string[] {
  if (typeof headers !== "object" || headers === null) return [];
  return Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === lowerCaseName ? stringsOf(value) : [],
  );
}

/** One value or a list of values, without those that are not strings, or are empty. */
export function stringsOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((item): item is string => typeof item === "string" && item !== "");
}
