import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../support/checkout.ts";
import { OPERATIONS, operationOf, ROUTES } from "../support/openapi-document.ts";

interface Event {
  readonly httpApi: string | { readonly method: string; readonly path: string };
}

/** Routes without an authorizer that ask for a credential themselves. */
const THEIR_OWN: Readonly<Record<string, readonly string[]>> = {
  "POST /auth/session": ["masterToken"],
  "GET /auth/verify": ["bearer", "cookie", "loopbackCookie"],
};

test("docs/openapi.yaml says of each operation which credential it takes, as serverless.yml has it", () => {
  const read = (...path: string[]) =>
    parse(readFileSync(join(ROOT, ...path), "utf8"), { logLevel: "silent" });
  const { functions } = read("serverless.yml");
  const behindAuthorizer = Object.values<{ events?: Event[] }>(functions)
    .flatMap(({ events = [] }) => events.map(({ httpApi }) => httpApi))
    .flatMap((api) => (typeof api === "string" ? [] : [ROUTES.get(`${api.method} ${api.path}`)]));
  expect(behindAuthorizer).toContain("GET /qr");

  const { security } = read("docs", "openapi.yaml");
  const documented = OPERATIONS.map((operation) => {
    const own = (operationOf(operation) as { security?: object[] }).security ?? security;
    return [operation, own.flatMap((each: object) => Object.keys(each))];
  });
  const expected = OPERATIONS.map((operation) => {
    const open = THEIR_OWN[operation] ?? [];
    return [
      operation,
      behindAuthorizer.includes(operation) ? ["bearer", "query", "cookie", "loopbackCookie"] : open,
    ];
  });
  expect(documented).toEqual(expected);
});
