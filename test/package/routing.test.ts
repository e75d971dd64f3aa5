// Where the reviewed template takes a request: CloudFront's behavior, then the HTTP API's route, its integration and its
// authorizer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createRouter } from "../../local/front/routes.ts";
import { ROOT } from "../support/checkout.ts";
import { reviewed } from "./render.ts";

const { Resources } = reviewed("all parameters");
const ORIGIN_URL = "https://pocketpaw-origin.example.com";

/** What the dashboard requests; each entry begins with its kind: page, API or WebSocket. */
const LIST = join(ROOT, "test", "dashboard", "requested-urls.json");
const REQUESTED: readonly string[] = JSON.parse(readFileSync(LIST, "utf8")).map((entry: string) =>
  entry.slice(entry.indexOf(" ") + 1),
);

const DIRECT = "PocketPaw after DirectFunction";
const PAGE = `${ORIGIN_URL}, for everyone`;
const API = `${ORIGIN_URL}, by pawSession, with $context.authorizer.upstreamCookie`;

/** The routes that the gateway responds to itself, also under /api/v1. */
const OWN: Readonly<Record<string, string>> = {
  "POST /api/auth/session": "Session, for everyone",
  "GET /api/auth/session": "SessionDashstatus, by pawSession",
  "POST /api/auth/login": "Login, for everyone",
  "POST /api/auth/logout": "Logout, for everyone",
  "GET /api/qr": "Qr, by pawSession",
  "POST /api/token/regenerate": "Regenerate, by pawSession",
};
const OWN_ALONE: Readonly<Record<string, string>> = {
  "GET /api/auth/verify": "Verify, for everyone",
  "GET /gateway": "Page, for everyone",
  "HEAD /gateway": "Page, for everyone",
  "GET /healthz": "Healthz, for everyone",
  "HEAD /healthz": "Healthz, for everyone",
  "GET /api/v1/healthz": "Healthz, for everyone",
};

const resources = Object.values(Resources).map(({ Type, Properties }) => ({ Type, ...Properties }));
const routes = resources.filter(({ Type }) => Type === "AWS::ApiGatewayV2::Route").map(Object);
const findRoute = createRouter(
  routes.map(({ RouteKey }) => ({ key: RouteKey, functionKey: undefined, isGuarded: false })),
);

/** Where the template takes a request; undefined: to no route, 404. */
function destination(target: string): string | undefined {
  const [, method = "", path = ""] = /^(\w+) ([^?]+)/.exec(target) ?? [];
  const { CacheBehaviors, DefaultCacheBehavior } = Object(
    Resources.Distribution?.Properties.DistributionConfig,
  );
  const behavior =
    CacheBehaviors.find(({ PathPattern }: { PathPattern: string }) =>
      new RegExp(`^${PathPattern.replaceAll("*", ".*")}$`).test(path),
    ) ?? DefaultCacheBehavior;
  expect(behavior.AllowedMethods).toContain(method);
  const [{ FunctionARN }] = behavior.FunctionAssociations;
  const [name] = FunctionARN["Fn::GetAtt"];
  if (behavior.TargetOriginId !== "HttpApi") return `${behavior.TargetOriginId} after ${name}`;
  expect(name).toBe("TokenLinkFunction");
  const found = findRoute(method, path);
  if (found === undefined) return undefined;
  const { Target, AuthorizerId } = routes.find(({ RouteKey }) => RouteKey === found.key);
  const [, id = ""] = /(?:"Ref":"|\$\{)(\w+)/.exec(JSON.stringify(Target)) ?? [];
  const { IntegrationUri, RequestParameters } = Object(Resources[id]?.Properties);
  const authorizer = Resources[AuthorizerId?.Ref]?.Properties.Name;
  const cookie = RequestParameters?.["overwrite:header.Cookie"];
  const to = IntegrationUri["Fn::GetAtt"]?.[0].replace("LambdaFunction", "") ?? IntegrationUri;
  const by = authorizer === undefined ? "for everyone" : `by ${authorizer}`;
  return [to, by, ...(cookie === undefined ? [] : [`with ${cookie}`])].join(", ");
}

describe("the reviewed template takes", () => {
  test.each([...REQUESTED, "GET /favicon.ico", "DELETE /api/sessions/x", "POST /api/v1/users"])(
    "%s, which the dashboard requests, where it must go",
    (target) => {
      const [key = ""] = target.split("?");
      const direct = /^GET (\/v1|\/api\/v1)?\/ws$|\/files\/|\/chat$|\/mcp\/add$|\/install$/;
      const kind = key.includes(" /api/") ? API : PAGE;
      expect(destination(target)).toBe(
        OWN[key.replace("/api/v1/", "/api/")] ?? (direct.test(key) ? DIRECT : kind),
      );
    },
  );

  test.each([...Object.entries(OWN), ...Object.entries(OWN_ALONE)])("%s to %s", (key, expected) => {
    expect(destination(key)).toBe(expected);
    if (key in OWN) expect(destination(key.replace("/api/", "/api/v1/"))).toBe(expected);
  });

  test.each([
    ...["POST /api/v1/chat", "POST /api/v1/chat/stream", "GET /api/v1/events/stream"],
    ...["GET /api/v1/files/content?path=a", "PUT /api/v1/pockets/1", "POST /api/mcp/add"],
    ...["POST /api/v1/mcp/presets/install", "POST /api/v1/soul/import", "POST /api/remote/start"],
    "GET /ws?x=y",
  ])("%s directly to the proxy in front of PocketPaw", (target) => {
    expect(destination(target)).toBe(DIRECT);
  });

  test.each([
    ...["GET /ws/", "GET /ws/cloud", "GET /WS", "GET /docs", "GET /openapi.json", "POST /"],
    ...["GET /uploads/x.html", "GET /oauth/callback?error=x", "GET /oauth/authorize/gmail"],
    ...["POST /static/js/app.js", "GET /static/", "GET /webhook/inbound/x", "POST /gateway"],
  ])("%s to no route", (target) => {
    expect(destination(target)).toBeUndefined();
  });
});
