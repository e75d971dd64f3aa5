import fc from "fast-check";
import { type ClientRequest, EVENT_KINDS, exchangeRequest, statusRequest } from "./events.ts";

/** Any value at all: also BigInt, Date, Map, typed arrays, objects without a prototype. */
export const anything = fc.anything({
  ...{ withBigInt: true, withDate: true, withMap: true, withSet: true },
  ...{ withTypedArray: true, withNullPrototype: true, withObjectString: true },
});

/** Names that an event has, so that junk gets to where the handlers look. */
const PARTS = [
  ...["version", "type", "methodArn", "routeArn", "headers", "multiValueHeaders", "cookies"],
  ...["rawQueryString", "queryStringParameters", "multiValueQueryStringParameters"],
  ...["authorizationToken", "requestContext"],
];
const NAMES = [
  ...["authorization", "Authorization", "AUTHORIZATION", "cookie", "token", "http", "identity"],
];

const records = <T>(names: string[], values: fc.Arbitrary<T>) =>
  fc.dictionary(
    fc.oneof(fc.constantFrom(...names, "__proto__", "constructor"), fc.string()),
    values,
  );

/**
 * Events of any type: anything, JSON, records with API Gateway's names and junk in them, and real
 * events of every kind with one part replaced by junk.
 *
 * @param texts what may stand where a credential stands
 */
export function junkEvents(texts: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const values = fc.oneof(texts, fc.array(texts, { maxLength: 3 }), anything);
  const parts = fc.oneof(values, records(NAMES, values), records(NAMES, records(NAMES, values)));
  const requests: fc.Arbitrary<ClientRequest> = fc.record({
    headers: records(NAMES, texts),
    query: fc.array(fc.tuple(fc.constantFrom("token", "x", "__proto__"), texts), { maxLength: 3 }),
    cookies: fc.array(texts, { maxLength: 3 }),
  });
  const kinds = fc.constantFrom<((request: ClientRequest) => object)[]>(
    ...Object.values(EVENT_KINDS),
    exchangeRequest,
    () => statusRequest({ method: "session", expiresAt: "1" }),
  );
  const real = fc.tuple(kinds, requests).map(([kind, request]) => kind(request));
  const spoilt = fc
    .tuple(real, fc.constantFrom(...PARTS), fc.oneof(fc.constant(undefined), parts))
    .map(([event, name, part]) => ({ ...event, [name]: part }));
  return fc.oneof(anything, fc.jsonValue(), records(PARTS, parts), spoilt, real);
}
