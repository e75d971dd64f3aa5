// Rules 2 and 3 of the example's reverse proxies: which requests get through to PocketPaw, in one spelling each.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  API_ROUTES,
  inboundWebhookRoute,
  PAGE_ROUTES,
  WEBHOOK_ROUTES,
} from "../../deploy/routes.js";
import { HANDSHAKE, type Headers, sendRaw } from "../support/http.ts";
import { PROXIES, SECRETS } from "./support/proxies.ts";
import { API, DIRECT, MINTED, useStand } from "./support/stand.ts";

/** The HTTP API's secret, and the cookie that its authorizer minted. */
const AUTHORIZED = { ...API, cookie: MINTED };
const NOT_STORED = { "cache-control": "no-store" };
const words = (text: string) => text.trim().split(/\s+/);

/** Below /api and /api/v1: PocketPaw's own ways to make sessions and master tokens, and its documentation. */
const REFUSED =
  words(`auth/login auth/logout auth/session auth/verify auth/register auth/bearer/login qr
  token/regenerate oauth/authorize oauth/token oauth/integrations/callback mcp/oauth/callback docs redoc openapi.json`);

const mostly = (usual: string, others: readonly string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));

/** Ways to write a piece of a path that a server behind the proxy might take for the piece. */
const spellings = (piece: string) =>
  mostly(piece, [
    piece.toUpperCase(),
    ...words("% %25 %2525").map((percent) =>
      piece.replace(/./, (first) => `${percent}${first.charCodeAt(0).toString(16)}`),
    ),
    ...words("%0A %00 %20 # #x ; ;x=y \\ ?").map((end) => piece + end),
  ]);
const separator = mostly(
  "/",
  words("// /./ /x/../ %2f %2F %252f %5c \\ /;/ /.%2e/ /%2e/ /*/../ /api/../"),
);
const end = mostly("", [
  ...["\n", " ", "\xe9"],
  ...words("/ // %2f %0A %0a %0D%0A # #x ? ?x=1 ?# ; /. /.. /x/.. %3F %23 %00 /consent %E2%80%A8"),
]);
const rawPath = fc
  .tuple(fc.constantFrom("", "v1"), fc.constantFrom(...REFUSED), end)
  .chain(([version, route, last]) => {
    const pieces = ["api", version, ...route.split("/")].filter((piece) => piece !== "");
    const written = pieces.flatMap((piece) => [separator, spellings(piece)]);
    return fc.tuple(...written, fc.constant(last));
  })
  .map((texts) => texts.join(""));

/** The route that the most lenient server would find in a path, without /v1. */
function reading(raw: string): string {
  let path = raw;
  for (let before = ""; before !== path; ) {
    before = path;
    path = path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  }
  const [plain = ""] = path.replaceAll("\\", "/").split(/[?#;\0\r\n]/);
  const segments: string[] = [];
  for (const segment of plain.toLowerCase().split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return `${segments.join("/")}/`.replace(/^api\/v1\//, "api/");
}

describe.each(PROXIES)("%s", (_name, start) => {
  const stand = useStand(start);
  const reached = () => stand.upstream.requests.splice(0).map(({ line }) => line);

  /** Sends each line with each secret, none of which is to reach PocketPaw or `verify`. */
  async function expectRefused(status: number, lines: readonly string[], more: Headers = {}) {
    const asked = lines.flatMap((line) =>
      [AUTHORIZED, DIRECT].map(async (headers) => {
        const response = await stand.send(line, { ...headers, ...more });
        expect.soft(response, line).toMatchObject({ status, headers: NOT_STORED });
      }),
    );
    await Promise.all(asked);
    expect([...reached(), ...stand.api.requests]).toEqual([]);
  }

  test("passes on a canonical path as it came", async () => {
    const paths = words(`/api/a.b/c-d_e~f/ /api/a+b,e:f@g!$&'()*=~ /api/authx/loginx /api/qrx
      /api/sessions/websocket%3ax%3A%20%C3%a4%ff%21%24%26%27%28%29%2a%2B%2c%3d%40 /api/v1/token/regenerated
      /api/x?q=a%2Fb&&%23=%74&q=../..//?; /api/x?tokens=1&to=ken&x=token&Token= /api/${"x/".repeat(3_900)}`);
    for (const line of paths.map((path) => `GET ${path}`)) {
      expect((await stand.send(line, AUTHORIZED)).status, line).toBe(200);
      expect((await stand.send(line, DIRECT)).status, line).toBe(200);
      expect(reached()).toEqual([line, line]);
      expect(`GET ${stand.api.requests.pop()?.headers["x-original-uri"]}`).toBe(line);
    }
  });

  test("responds 400 to any other path, and to a query with a token", async () => {
    const odd =
      words(`a%2Fb a%5Cb %61 a%2e %7e %2D a%25 %252f %0A %3b %3F a;b a\\b a"b a<b a[b a|b a^b a\`b a{b}
      \xe4 a#b # . .. .%2e %2E%2e .// ./x ../x x/./y x/../y / /x x//y
      x?token x?token= x?token=x x?a=b&token=x x?&token=x&c x??&%74oken x?tok%65N&t%6fke%6e= x?#`);
    // Each took nginx a third of a second, or passed once it was long enough.
    const long = words("%2f /%2f %2525 /.. ?&token").map((piece) =>
      piece.repeat(15_000 / piece.length),
    );
    await expectRefused(
      400,
      [...odd, ...long].map((rest) => `GET /api/${rest}`),
    );
  });

  test("passes on what the gateway routes", async () => {
    const keys = [
      ...PAGE_ROUTES,
      ...WEBHOOK_ROUTES,
      inboundWebhookRoute("git_hub-1"),
      ...API_ROUTES,
    ];
    for (const line of keys.map((key) => key.replace(/\{(\w+)\+?\}/g, "$1-1.min.js"))) {
      expect((await stand.send(line, AUTHORIZED)).status, line).toBe(200);
      expect((await stand.send(line, DIRECT)).status, line).toBe(200);
      expect(reached()).toEqual([line, line]);
    }
  });

  test("responds 404 to everything else, and 403 to other methods", async () => {
    const gets =
      words(`/x /uploads/x.html /static /static/ /favicon.ico/x /static/a/b/c /API/x /apix /api
      /webhook/inbound/x /ws/ /gateway /healthz /ws/cloud /WS /oauth/callback /docs /openapi.json /verify`);
    const others = ["POST /", "HEAD /", "POST /static/a.js", "PUT /webhook/whatsapp", "POST /ws"];
    const lines = [...gets.map((path) => `GET ${path}`), ...others, "POST /webhook/inbound/x/y"];
    await expectRefused(404, lines, HANDSHAKE);
    for (const line of ["GET /ws", "GET /v1/ws", "GET /api/v1/ws"]) {
      expect.soft(await stand.refusal(line, { ...AUTHORIZED, ...HANDSHAKE }), line).toBe(404);
    }
    await expectRefused(403, ["OPTIONS /api/x", "PROPFIND /api/x", "LINK /api/x"]);
  });

  test("responds 404 to PocketPaw's own routes that make sessions, and to its documentation", async () => {
    const paths = REFUSED.flatMap((route) => [`/api/${route}`, `/api/v1/${route}`])
      .flatMap((path) => [path, `${path}/`, `${path}/x`, `${path}?x=1`])
      .flatMap((path) => [`GET ${path}`, `POST ${path}`]);
    const own = /^POST \/api\/(auth\/session|token\/regenerate)$/;
    await expectRefused(
      404,
      paths.filter((line) => !own.test(line)),
    );
  });

  test("no spelling of a route that is refused gets through", async () => {
    const heads = [
      `X-Origin-Verify: ${SECRETS.api}\r\nCookie: ${MINTED}`,
      `X-Origin-Verify: ${SECRETS.direct}`,
    ].map((head) => ` HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${head}\r\n\r\n`);
    const isRefused = (line: string) =>
      REFUSED.some((route) => reading(line.slice("GET ".length)).startsWith(`api/${route}/`));
    const property = fc.asyncProperty(fc.array(rawPath, { minLength: 10 }), async (paths) => {
      const requests = paths.flatMap((path) => heads.map((head) => `GET ${path}${head}`));
      await Promise.all(requests.map((bytes) => sendRaw(stand.proxy, bytes)));
      expect(reached().filter(isRefused)).toEqual([]);
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test("of the HTTP API's requests below /api only its exchange needs no cookie of its authorizer", async () => {
    for (const path of ["/api/health", "/api/v1/oauth/authorizex", "/api/whatsapp/qr", "/api/x"]) {
      for (const cookie of ["", "a=b", "pocketpaw_session=", "xpocketpaw_session=1"]) {
        expect.soft(await stand.refusal(`GET ${path}`, { ...API, cookie }), path).toBe(404);
      }
    }
    for (const line of ["POST /api/auth/session", "POST /api/token/regenerate"]) {
      expect.soft(await stand.refusal(line, { ...DIRECT, cookie: MINTED }), line).toBe(404);
    }
    expect(await stand.refusal("GET /api/auth/session", API)).toBe(404);
    const health = { ...API, cookie: `a=b; ${MINTED}` };
    expect((await stand.send("POST /api/auth/session", API)).status).toBe(200);
    expect((await stand.send("POST /api/token/regenerate", AUTHORIZED)).status).toBe(200);
    expect((await stand.send("GET /api/health", health)).status).toBe(200);
  });
});
