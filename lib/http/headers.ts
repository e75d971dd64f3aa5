/**
 * A header's values, whatever the case of its name: AWS sends lower case, others send their own.
 *
 * @param headers an event's `headers` or `multiValueHeaders`; what is neither has none
 */
export function valuesOf(headers: unknown, lowerCaseName: string): string[] {
  if (typeof headers !== "object" || headers === null) return [];
  return Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === lowerCaseName ? stringsOf(value) : [],
  );
}

/** One value or a list of values, without what is no text, or empty. */
export function stringsOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((item): item is string => typeof item === "string" && item !== "");
}
