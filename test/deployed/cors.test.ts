import { describe, expect, test } from "vitest";
import { deployed, gateway } from "./support/deployed.ts";
import { send } from "./support/http.ts";

const PATHS = ["/api/auth/session", "/api/token/regenerate", "/api/identity"];

function preflight(path: string, origin: string) {
  return send(gateway, `OPTIONS ${path}`, {
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    },
  });
}

describe.each(PATHS)("a preflight of %s", (path) => {
  test.each(["https://dash.example.com", "https://other.example.com"])(
    "from the allowed origin %s is granted, without a credential",
    async (origin) => {
      const { status, headers } = await preflight(path, origin);
      expect(status).toBe(204);
      expect(headers["access-control-allow-origin"]).toBe(origin);
      expect(headers["access-control-allow-credentials"]).toBe("true");
      expect(headers["access-control-allow-methods"]).toContain("POST");
      expect(headers["access-control-allow-headers"]).toContain("authorization");
    },
  );

  test("lets a page send the headers of tracing tools", async () => {
    const { headers } = await preflight(path, "https://dash.example.com");
    const allowed = String(headers["access-control-allow-headers"]).toLowerCase().split(/,\s*/);
    expect(allowed).toEqual(
      expect.arrayContaining(["baggage", "sentry-trace", "traceparent", "tracestate"]),
    );
  });

  test.each(["https://evil.example.com", "https://dash.example.com.evil.com", "null"])(
    "from the forbidden origin %s is granted nothing",
    async (origin) => {
      // The status is 204 on AWS and 403 here; browsers go by the headers.
      const { headers } = await preflight(path, origin);
      expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
    },
  );
});

describe("a response", () => {
  const exchange = (origin: string) =>
    send(gateway, "POST /api/auth/session", {
      headers: { origin, authorization: `Bearer ${deployed.masterToken}` },
    });

  test("may be read by a page of an allowed origin", async () => {
    const { status, headers } = await exchange("https://dash.example.com");
    expect(status).toBe(200);
    expect(headers["access-control-allow-origin"]).toBe("https://dash.example.com");
    expect(headers["access-control-expose-headers"]).toContain("x-amzn-remapped-www-authenticate");
  });

  test("may not be read by a page of any other", async () => {
    const { headers } = await exchange("https://evil.example.com");
    expect(headers).not.toHaveProperty("access-control-allow-origin");
  });
});
