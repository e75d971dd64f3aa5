// Where the reviewed template takes a request: CloudFront's behavior, then the HTTP API's route, its integration and its
// authorizer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "../support/checkout.ts";
import type { Template } from "./variants.ts";

const file = join(import.meta.dirname, "templates", "all-parameters.yml");
const { Resources }: Template = parse(readFileSync(file, "utf8"));
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

/** Where the template takes a request; undefined: to no route, 404. */
function destination(target: string): string | undefined {
  const [method = "", pathAndQuery = ""] = target.split(" ");
  const [path = ""] = pathAndQuery.split("?");
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
  const route = findRoute(method, path);
  if (route === undefined) return undefined;
  const [, id = ""] = /"Ref":"(\w+)"/.exec(JSON.stringify(route.Target)) ?? [];
  const [, other = ""] = /\$\{(\w+)\}/.exec(JSON.stringify(route.Target)) ?? [];
  const integration = Object(Resources[id || other]?.Properties);
  const authorizer = Resources[Object(route.AuthorizerId).Ref]?.Properties.Name;
  const cookie = integration.RequestParameters?.["overwrite:header.Cookie"];
  return [
    Object(integration.IntegrationUri)["Fn::GetAtt"]?.[0].replace("LambdaFunction", "") ??
      integration.IntegrationUri,
    authorizer === undefined ? "for everyone" : `by ${authorizer}`,
    ...(cookie === undefined ? [] : [`with ${cookie}`]),
  ].join(", ");
}

/**
 * A full match of the path, else one with a greedy variable.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
function findRoute(method: string, path: string) {
  const keys = Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === "AWS::ApiGatewayV2::Route" && String(Properties.RouteKey).startsWith(`${method} `),
  );
  const pattern = ({ Properties }: (typeof keys)[number], greedy: string) =>
    String(Properties.RouteKey)
      .slice(method.length + 1)
      .replace(/\{\w+\+\}/g, greedy)
      .replace(/\{\w+\}/g, "[^/]+");
  const find = (greedy: string) =>
    keys
      .toSorted(
        (one, other) => pattern(one, "").split("[").length - pattern(other, "").split("[").length,
      )
      .find((route) => new RegExp(`^${pattern(route, greedy)}$`).test(path));
  return (find("(?!)") ?? find(".+"))?.Properties;
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
    ...[
      "POST /api/v1/chat",
      "POST /api/v1/chat/stream",
      "GET /api/v1/events/stream",
      "GET /ws?x=y",
    ],
    ...["GET /api/v1/files/content?path=a", "PUT /api/v1/pockets/1", "POST /api/mcp/add"],
    ...["POST /api/v1/mcp/presets/install", "POST /api/v1/soul/import", "POST /api/remote/start"],
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
