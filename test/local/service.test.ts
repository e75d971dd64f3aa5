import { expect, test } from "vitest";
import { adaptService, pocketPawUrl, type Service } from "../../local/service.ts";

function service(originUrl: string | null): Service {
  return {
    functions: {
      regenerate: {
        environment: {
          MASTER_TOKEN_SECRET_ID: { Ref: "MasterToken" },
          HMAC_KEY_SECRET_ID: "arn:aws:secretsmanager:eu-west-1:1:secret:key",
          PUBLIC_URL: { "Fn::Sub": "https://x" },
          ORIGIN_URL: originUrl,
          ALLOWED_ORIGINS: null,
          UPSTREAM_SECRET_ID: { Ref: "Upstream" },
          SESSION_TTL_HOURS: 24,
        },
      },
      healthz: {},
    },
    custom: { settings: { originUrl, inboundWebhooks: [], cors: false } },
  };
}

test("secrets have their names of a laptop, the URLs are the laptop's, and references are not set", () => {
  const adapted = service("http://localhost:8888");
  adaptService(adapted, 8001);
  expect(adapted.functions.regenerate?.environment).toEqual({
    MASTER_TOKEN_SECRET_ID: "pocketpaw/master-token",
    HMAC_KEY_SECRET_ID: "pocketpaw/hmac-key",
    PUBLIC_URL: "http://localhost:8001",
    ORIGIN_URL: "http://127.0.0.1:8888",
    SESSION_TTL_HOURS: 24,
  });
});

test("localhost in originUrl means 127.0.0.1 alone, and every other host itself", () => {
  const url = (originUrl: string) => pocketPawUrl(service(originUrl), 8000)?.origin;
  expect(url("http://localhost:8888")).toBe("http://127.0.0.1:8888");
  expect(url("http://paw.localhost:8888")).toBe("http://127.0.0.1:8888");
  expect(url("http://[::1]:8888")).toBe("http://[::1]:8888");
  expect(url("https://paw.example.com")).toBe("https://paw.example.com");
  expect(pocketPawUrl(service(null), 8000)).toBeUndefined();
});

test.each([
  "http://localhost:8000",
  "http://127.0.0.1:8000",
  "http://[::1]:8000",
  "http://a.localhost:8000",
])("originUrl %s is the gateway itself, and is refused", (originUrl) => {
  expect(() => adaptService(service(originUrl), 8000)).toThrow(
    `originUrl is ${originUrl}, which is the gateway itself`,
  );
});
