import { expect, test } from "vitest";
import { apiRoutes, PAGE_ROUTES, WEBHOOK_ROUTES } from "../../deploy/routes.js";
import { adaptService, type Service } from "../../local/service.ts";

function service(originUrl: string | null): Service {
  return {
    service: "gateway",
    functions: {
      qr: {
        handler: "handlers/qr.handler",
        environment: {
          MASTER_TOKEN_SECRET_ID: { Ref: "MasterToken" },
          HMAC_KEY_SECRET_ID: "arn:aws:secretsmanager:eu-west-1:1:secret:key",
          PUBLIC_URL: { "Fn::Sub": "https://x" },
          ALLOWED_ORIGINS: null,
          UPSTREAM_SECRET_ID: { Ref: "Upstream" },
          SESSION_TTL_HOURS: 24,
        },
      },
      healthz: { handler: "handlers/healthz.handler" },
    },
    custom: { settings: { originUrl, inboundWebhooks: ["deploys"], cors: false } },
  };
}

test("secrets have their names of a laptop, the URL is the laptop's, and references are not set", () => {
  const adapted = service(null);
  adaptService(adapted, 8001);
  expect(adapted.functions.qr?.environment).toEqual({
    MASTER_TOKEN_SECRET_ID: "pocketpaw/master-token",
    HMAC_KEY_SECRET_ID: "pocketpaw/hmac-key",
    PUBLIC_URL: "http://localhost:8001",
    SESSION_TTL_HOURS: 24,
  });
});

test("without originUrl there is no route to PocketPaw", () => {
  const adapted = service(null);
  adaptService(adapted, 8001);
  expect(Object.keys(adapted.functions)).toEqual(["qr", "healthz"]);
});

test("with originUrl the routes are the stack's, and those of the API alone are behind the authorizer", () => {
  const adapted = service("http://127.0.0.1:8888");
  adaptService(adapted, 8001);
  type Event = { httpApi: { method: string; path: string; authorizer?: { name: string } } };
  const events = (adapted.functions.pocketpaw?.events ?? []) as Event[];
  const keys = (isOpen: boolean) =>
    events
      .filter(({ httpApi }) => (httpApi.authorizer === undefined) === isOpen)
      .map(({ httpApi }) => `${httpApi.method} ${httpApi.path}`);
  expect(keys(true)).toEqual([
    ...PAGE_ROUTES,
    ...WEBHOOK_ROUTES,
    expect.stringMatching(/^POST \/webhook\/inbound\/.*deploys$/),
  ]);
  // serverless-offline runs HEAD as GET.
  expect(keys(false)).toEqual(apiRoutes().filter((key) => !key.startsWith("HEAD ")));
});
