/**
 * A field of a value of any kind: an event is input, and a malformed one has no fields. Never one
 * that is inherited.
 */
export function fieldOf(record: unknown, name: string): unknown {
  if (typeof record !== "object" || record === null || !Object.hasOwn(record, name))
    return undefined;
  return Reflect.get(record, name);
}

/** One value or a list of values, without those that are not strings, or are empty. */
export function stringsOf(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((item): item is string => typeof item === "string" && item !== "");
}
