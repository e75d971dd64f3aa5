/**
 * A field of a value of any kind: an event is input, and a malformed one has no fields. Never one
 * that is inherited.
 */
export function fieldOf(record: unknown, name: string): unknown {
  if (typeof record !== "object" || record === null || !Object.hasOwn(record, name))
    return undefined;
  return Reflect.get(record, name);
}
