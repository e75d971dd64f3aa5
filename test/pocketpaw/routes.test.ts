import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { DIRECT_PATHS, PAGE_ROUTES, WEBHOOK_ROUTES, WEBSOCKET_PATHS } from "../../deploy/routes.js";
import { ROOT } from "../support/checkout.ts";

// deploy/routes.js beside surface.txt, which lists every route of the PocketPaw that the gateway is tested with.

/** Routes that take longer than 30 s or carry more than 10 MB, by reading PocketPaw's source. */
const LONG_OR_LARGE = [
  ...["/api/v1/chat", "/api/v1/files/download-zip", "/api/v1/files/write"],
  ...["/api/v1/soul/import", "/api/deep-work/parse-goal", "/api/v1/connectors/execute"],
  ...["extras/install", "backends/install", "skills/install", "mcp/presets/install"].flatMap(both),
  ...["mcp/add", "mcp/test", "mcp/toggle", "remote/start"].flatMap(both),
];

/** Streams that are not reached: the gateway has its own QR code, and routes no agent-to-agent protocol. */
const NOT_ROUTED = /^(\/api(\/v1)?\/qr|\/a2a.*)$/;

const facts = readFileSync(join(import.meta.dirname, "surface.txt"), "utf8")
  .trim()
  .split("\n");
const routes = facts.slice(0, -2).map((line) => {
  const [method = "", path = "", ...notes] = line.split(" ");
  return { method, path, direct: notes.length > 0 };
});
const paths = routes.map(({ path }) => path);

function both(path: string): string[] {
  return [`/api/${path}`, `/api/v1/${path}`];
}

/** Whether a pattern of CloudFront matches: `*` is any characters. */
function matches(pattern: string, path: string): boolean {
  const literal = pattern.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`).test(path);
}
const isDirect = (path: string) => DIRECT_PATHS.some((pattern) => matches(pattern, path));

describe("the direct paths", () => {
  test("are every stream and every file of PocketPaw's API", () => {
    const streams = routes.filter(({ path, direct }) => direct && !NOT_ROUTED.test(path));
    expect(streams.length).toBeGreaterThan(4);
    expect(streams.filter(({ path }) => !isDirect(path))).toEqual([]);
  });

  test("are PocketPaw's WebSockets", () => {
    const webSockets = routes.filter(({ method }) => method === "APIWebSocketRoute");
    expect(webSockets.map(({ path }) => path).sort()).toEqual([...WEBSOCKET_PATHS].sort());
  });

  test.each(LONG_OR_LARGE)("have %s, which exists", (path) => {
    expect(paths).toContain(path);
    expect(isDirect(path)).toBe(true);
  });

  test.each(DIRECT_PATHS)("have no pattern without a route: %s", (pattern) => {
    expect(paths.filter((path) => matches(pattern, path))).not.toEqual([]);
  });

  test("capture no route of the gateway's own", () => {
    const { functions } = parse(readFileSync(join(ROOT, "serverless.yml"), "utf8"), {
      logLevel: "silent",
    });
    const events = Object.values<{ events?: { httpApi: string | { path: string } }[] }>(functions);
    const own = events.flatMap(({ events = [] }) =>
      events.map(({ httpApi }) =>
        typeof httpApi === "string" ? (httpApi.split(" ")[1] ?? "") : httpApi.path,
      ),
    );
    expect(own).toContain("/api/auth/session");
    expect(own.filter(isDirect)).toEqual([]);
  });
});

test("every open route of the gateway leads to a route of PocketPaw's", () => {
  const variable = (path = "") =>
    path.replace(/\{\w+\}/g, "{}").replace(/^\/static\/.*/, "/static");
  const known = new Set([...paths.map(variable), "/favicon.ico"]);
  const open = [...PAGE_ROUTES, ...WEBHOOK_ROUTES].map((key) => variable(key.split(" ")[1]));
  expect(open.filter((path) => !known.has(path))).toEqual([]);
});
