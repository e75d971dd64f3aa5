import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";
import { fetchDocumented } from "../support/documented.ts";
import { type Gateway, startGateway } from "../support/offline.ts";

const INTERNAL_SERVER_ERROR = [500, { message: "Internal Server Error" }];

/** Functions of the service, replaced by ones that fail: the path of one route of each, and its source. */
const FAILURES: Record<string, readonly [file: string, route: string, source: string]> = {
  "throws while it loads": ["login", "POST /api/auth/login", 'throw new Error("the-secret");'],
  "throws a long message": [
    "logout",
    "POST /api/auth/logout",
    'export const handler = async () => { throw new Error("the-secret ".repeat(1000)); };',
  ],
  "has no handler": ["session", "POST /api/auth/session", "export const other = 1;"],
  "runs longer than its timeout": [
    "healthz",
    "GET /healthz",
    "export const handler = () => new Promise(() => undefined);",
  ],
  "responds with a status that is none": [
    "session-status",
    "GET /api/auth/session",
    'export const handler = async () => ({ statusCode: "the-secret" });',
  ],
  "responds with a body that is no text": [
    "qr",
    "GET /api/qr",
    'export const handler = async () => ({ statusCode: 200, body: { a: "the-secret" } });',
  ],
  "responds with a header that HTTP does not allow": [
    "regenerate",
    "POST /api/token/regenerate",
    'export const handler = async () => ({ statusCode: 200, headers: { a: "the-secret\\n" } });',
  ],
};

function send(gateway: Gateway, route: string, headers = {}): Promise<Response> {
  const [method = "", path = ""] = route.split(" ");
  const authorization = `Bearer ${gateway.masterToken}`;
  return fetchDocumented(gateway.url + path, { method, headers: { authorization, ...headers } });
}

async function statusAndBody(response: Response) {
  return [response.status, await response.json()];
}

describe("a function that", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    const sources = Object.values(FAILURES).map(
      ([file, , source]) => [`handlers/${file}.ts`, source] as const,
    );
    const service = readFileSync(join(ROOT, "serverless.yml"), "utf8");
    gateway = await startGateway(
      {},
      {
        files: {
          ...Object.fromEntries(sources),
          "serverless.yml": service.replace("  timeout: 10\n", "  timeout: 2\n"),
        },
      },
    );
  });
  afterAll(() => gateway?.stop());

  test.each(Object.entries(FAILURES))("%s is 500 without a detail", async (_, [, route]) => {
    expect(await statusAndBody(await send(gateway, route))).toEqual(INTERNAL_SERVER_ERROR);
  });
});
