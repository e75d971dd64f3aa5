// Rules 2 and 3 of the example's reverse proxies: which requests get through to PocketPaw, in one spelling each.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  apiRoutes,
  inboundWebhookRoute,
  PAGE_ROUTES,
  WEBHOOK_ROUTES,
} from "../../deploy/routes.js";
import { HANDSHAKE, sendRaw } from "./support/client.ts";
import { PROXIES, SECRETS } from "./support/proxies.ts";
import { API, DIRECT, MINTED, useStand } from "./support/stand.ts";

/** The HTTP API's secret, and the cookie that its authorizer minted. */
const AUTHORIZED = { ...API, cookie: MINTED };
const SOCKET_PATHS = ["/ws", "/v1/ws", "/api/v1/ws"];

/** Below /api and /api/v1: PocketPaw's own ways to make sessions and master tokens, and its documentation. */
const REFUSED = [
  "auth/login",
  "auth/logout",
  "auth/session",
  "auth/verify",
  "auth/register",
  "auth/bearer/login",
  "qr",
  "token/regenerate",
  "oauth/authorize",
  "oauth/token",
  "oauth/integrations/callback",
  "mcp/oauth/callback",
  "docs",
  "redoc",
  "openapi.json",
];

/** Ways to write a piece of a path that a server behind the proxy might take for the piece. */
const spellings = (piece: string) =>
  fc.constantFrom(
    piece,
    piece.toUpperCase(),
    ...["%", "%25", "%2525"].map((percent) =>
      piece.replace(/./, (first) => `${percent}${first.charCodeAt(0).toString(16)}`),
    ),
    ...["%0A", "%00", "%20", "#", "#x", ";", ";x=y", "\\", "?"].map((end) => piece + end),
  );
const separator = fc.constantFrom(
  ...["/", "/", "/", "/", "//", "/./", "/x/../", "%2f", "%2F", "%252f", "%5c", "\\", "/;/"],
  ...["/.%2e/", "/%2e/", "/%C0%AF", "/*/../", "/api/../"],
);
const end = fc.constantFrom(
  ...["", "", "/", "//", "%2f", "%0A", "%0a", "\n", "%0D%0A", "#", "#x", "?", "?x=1", "?#", ";"],
  ...["/.", "/..", "/x/..", "%3F", "%23", "%00", " ", "/consent", "%E2%80%A8", "\xe9"],
);
const rawPath = fc
  .tuple(fc.constantFrom("", "v1", "v1"), fc.constantFrom(...REFUSED))
  .chain(([version, route]) => {
    const pieces = ["api", version, ...route.split("/")].filter((piece) => piece !== "");
    const written = pieces.map((piece) =>
      fc.tuple(separator, fc.oneof({ weight: 3, arbitrary: fc.constant(piece) }, spellings(piece))),
    );
    return fc.tuple(fc.tuple(...written), end);
  })
  .map(([pieces, last]) => pieces.flat().join("") + last);

/** The route that the most lenient server would find in what it is sent. */
function reading(line: string): string {
  let path = line.replace(/^[A-Z]+ /, "");
  for (let before = ""; before !== path; ) {
    before = path;
    path = path.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }
  const [plain = ""] = path
    .replaceAll("\\", "/")

    .split(/[?#;\0]/);
  const segments: string[] = [];
  for (const segment of plain.trim().toLowerCase().split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return segments.join("/").replace(/^api\/v1\//, "api/");
}

describe.each(PROXIES)("%s", (_name, start) => {
  const stand = useStand(start);

  test("passes on a canonical path as it came", async () => {
    const paths = [
      "/api/a.b/c-d_e~f/",
      "/api/a+b,e:f@g!$&'()*=~",
      "/api/sessions/websocket%3ax%3A%20%C3%a4%ff%21%24%26%27%28%29%2a%2B%2c%3d%40",
      "/api/x?q=a%2Fb&&%23=%74&q=../..//?;",
      "/api/x?tokens=1&to=ken&x=token&Token=",
      "/api/authx/loginx",
      "/api/qrx",
      "/api/v1/token/regenerated",
      `/api/${"x/".repeat(3_900)}`,
    ];
    for (const path of paths) {
      expect((await stand.send(`GET ${path}`, AUTHORIZED)).status, path).toBe(200);
      expect((await stand.send(`GET ${path}`, DIRECT)).status, path).toBe(200);
      const line = `GET ${path}`;
      expect(stand.upstream.requests.splice(0)).toMatchObject([{ line }, { line }]);
      expect(stand.api.requests.pop()?.headers["x-original-uri"]).toBe(path);
    }
  });

  test("responds 400 to any other path, and to a query with a token", async () => {
    const segments = [
      "a%2Fb",
      "a%5Cb",
      "%61",
      "a%2e",
      "%7e",
      "%2D",
      "a%25",
      "%252f",
      "%0A",
      "%3b",
      "%3F",
    ];
    const raw = [
      "a;b",
      "a\\b",
      'a"b',
      "a<b",
      "a[b",
      "a|b",
      "a^b",
      "a`b",
      "a{b}",
      "\xe4",
      "a#b",
      "#",
    ];
    const dots = [
      ".",
      "..",
      ".%2e",
      "%2E%2e",
      ".//",
      "./x",
      "../x",
      "x/./y",
      "x/../y",
      "/",
      "/x",
      "x//y",
    ];
    const queries = [
      "token",
      "token=",
      "token=x",
      "a=b&token=x",
      "&token=x&c",
      "?&%74oken",
      "tok%65N&t%6fke%6e=",
      "#",
    ];
    const odd = [...segments, ...raw, ...dots, ...queries.map((query) => `x?${query}`)];
    // Each took nginx a third of a second.
    const long = ["%2f", "/%2f", "%2525", "/..", "?&token"].map((piece) =>
      piece.repeat(15_000 / piece.length),
    );
    for (const path of [...odd, ...long].map((rest) => `/api/${rest}`)) {
      for (const headers of [AUTHORIZED, DIRECT]) {
        expect.soft(await stand.refusal(`GET ${path}`, headers), path).toBe(400);
      }
    }
    expect(stand.api.requests).toEqual([]);
  });

  test("passes on what the gateway routes, and responds 404 to everything else", async () => {
    const keys = [
      ...PAGE_ROUTES,
      ...WEBHOOK_ROUTES,
      inboundWebhookRoute("git_hub-1"),
      ...apiRoutes(),
    ];
    for (const key of keys) {
      const line = key.replace(/\{(\w+)\+?\}/g, "$1-1.min.js");
      expect((await stand.send(line, AUTHORIZED)).status, line).toBe(200);
      expect((await stand.send(line, DIRECT)).status, line).toBe(200);
      expect(stand.upstream.requests.splice(0).map((request) => request.line)).toEqual([
        line,
        line,
      ]);
    }
    const others = [
      ...["GET /x", "GET /uploads/x.html", "GET /static", "GET /static/", "GET /favicon.ico/x"],
      ...[
        "POST /",
        "HEAD /",
        "POST /static/a.js",
        "GET /static/a/b/c",
        "GET /API/x",
        "GET /apix",
        "GET /api",
      ],
      ...[
        "PUT /webhook/whatsapp",
        "GET /webhook/inbound/x",
        "POST /webhook/inbound/x/y",
        "GET /ws/",
      ],
      ...[
        "GET /gateway",
        "GET /healthz",
        "GET /ws/cloud",
        "GET /WS",
        "POST /ws",
        "GET /oauth/callback",
      ],
      ...["GET /docs", "GET /openapi.json", "GET /verify"],
    ];
    for (const line of others) {
      expect.soft(await stand.refusal(line, { ...AUTHORIZED, ...HANDSHAKE }), line).toBe(404);
      expect.soft(await stand.refusal(line, { ...DIRECT, ...HANDSHAKE }), line).toBe(404);
    }
    for (const path of SOCKET_PATHS) {
      const handshake = { ...AUTHORIZED, ...HANDSHAKE };
      expect.soft(await stand.refusal(`GET ${path}`, handshake), path).toBe(404);
    }
    for (const method of ["OPTIONS", "PROPFIND", "LINK"]) {
      expect.soft(await stand.refusal(`${method} /api/x`, AUTHORIZED), method).toBe(403);
      expect.soft(await stand.refusal(`${method} /api/x`, DIRECT), method).toBe(403);
    }
  });

  test("responds 404 to PocketPaw's own routes that make sessions, and to its documentation", async () => {
    const paths = REFUSED.flatMap((route) => [`/api/${route}`, `/api/v1/${route}`]);
    for (const path of paths.flatMap((each) => [each, `${each}/`, `${each}/x`, `${each}?x=1`])) {
      for (const line of [`GET ${path}`, `POST ${path}`]) {
        if (/^POST \/api\/(auth\/session|token\/regenerate)$/.test(line)) continue;
        expect.soft(await stand.refusal(line, AUTHORIZED), line).toBe(404);
        expect.soft(await stand.refusal(line, DIRECT), line).toBe(404);
      }
    }
  });

  test("no spelling of a route that is refused gets through", async () => {
    const refused = REFUSED.map((route) => `api/${route}`);
    const property = fc.asyncProperty(
      fc.array(rawPath, { minLength: 10, maxLength: 10 }),
      async (paths) => {
        const heads = [
          `X-Origin-Verify: ${SECRETS.api}\r\nCookie: ${MINTED}`,
          `X-Origin-Verify: ${SECRETS.direct}`,
        ];
        const bytes = paths.flatMap((path) =>
          heads.map(
            (head) =>
              `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${head}\r\n\r\n`,
          ),
        );
        await Promise.all(bytes.map((each) => sendRaw(stand.proxy, each)));
        const got = stand.upstream.requests.splice(0).map(({ line }) => line);
        const isRefused = (line: string) =>
          refused.some((route) => `${reading(line)}/`.startsWith(`${route}/`));
        expect(got.filter(isRefused)).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });

  test("of the HTTP API's requests below /api only its exchange needs no cookie of its authorizer", async () => {
    for (const path of ["/api/health", "/api/v1/oauth/authorizex", "/api/whatsapp/qr", "/api/x"]) {
      for (const cookie of ["", "a=b", "pocketpaw_session=", "xpocketpaw_session=1"]) {
        expect.soft(await stand.refusal(`GET ${path}`, { ...API, cookie }), path).toBe(404);
      }
    }
    expect(await stand.refusal("GET /api/auth/session", API)).toBe(404);
    expect((await stand.send("POST /api/auth/session", API)).status).toBe(200);
    expect((await stand.send("POST /api/token/regenerate", AUTHORIZED)).status).toBe(200);
    expect((await stand.send("GET /api/health", { ...API, cookie: `a=b; ${MINTED}` })).status).toBe(
      200,
    );
  });
});
