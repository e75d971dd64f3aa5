// Where the packaged template takes a request: CloudFront's behavior, then the HTTP API's route, its integration and
// its authorizer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type DistributionConfig, findBehavior } from "../front/support/distribution.ts";
import { ROOT } from "../support/checkout.ts";
import { packageTemplate } from "../support/zips.ts";

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

const ORIGIN_URL = "https://pocketpaw-origin.example.com";

/** What the dashboard requests when it is opened, and what it requests for its buttons and in the other tests. */
const REQUESTED: readonly string[] = [
  // Each entry there begins with its kind: page, API or WebSocket.
  ...JSON.parse(readFileSync(join(ROOT, "test", "dashboard", "requested-urls.json"), "utf8")).map(
    (entry: string) => entry.slice(entry.indexOf(" ") + 1),
  ),
  "GET /favicon.ico",
  "POST /api/auth/login",
  "POST /api/auth/logout",
  "POST /api/auth/session",
  "GET /api/auth/session",
  "POST /api/token/regenerate",
  "GET /api/v1/files/content?path=report.pdf",
  "POST /api/v1/files/write",
  "POST /api/channels/save",
  "POST /api/mcp/add",
  "DELETE /api/memory/long_term/{id}",
  "DELETE /api/sessions/{id}",
  "PATCH /api/mission-control/tasks/{id}",
  "POST /api/system/restart",
  "GET /ws?resume_session=x",
];

/** The routes that the gateway responds to itself, also under /api/v1. */
const OWN: Readonly<Record<string, { function: string; authorizer: string | undefined }>> = {
  "POST /api/auth/session": { function: "Session", authorizer: undefined },
  "GET /api/auth/session": { function: "SessionDashstatus", authorizer: "pawSession" },
  "POST /api/auth/login": { function: "Login", authorizer: undefined },
  "POST /api/auth/logout": { function: "Logout", authorizer: undefined },
  "GET /api/qr": { function: "Qr", authorizer: "pawSession" },
  "POST /api/token/regenerate": { function: "Regenerate", authorizer: "pawSession" },
};

const WEB_SOCKET = { origin: "PocketPaw", function: "DirectFunction" };
const PAGE = { origin: "HttpApi", proxy: ORIGIN_URL, authorizer: undefined, cookie: undefined };
const API = {
  origin: "HttpApi",
  proxy: ORIGIN_URL,
  authorizer: "pawSession",
  cookie: "$context.authorizer.upstreamCookie",
};

/** Where the contract takes a request. */
function destination(target: string) {
  const [key = ""] = target.split("?");
  const own = OWN[key.replace("/api/v1/", "/api/")];
  if (own !== undefined) {
    return {
      origin: "HttpApi",
      lambda: `${own.function}LambdaFunction`,
      authorizer: own.authorizer,
    };
  }
  if (/^GET (\/v1|\/api\/v1)?\/ws$/.test(key)) return WEB_SOCKET;
  return / \/api\//.test(key) ? API : PAGE;
}

let resources: Readonly<Record<string, Resource>>;

beforeAll(() => {
  const template = packageTemplate({ originUrl: ORIGIN_URL });
  resources = (template as { Resources: Readonly<Record<string, Resource>> }).Resources;
}, 120_000);

/** Where the template takes a request; undefined: to no route, 404. */
function route(target: string) {
  const [method = "", pathAndQuery = ""] = target.split(" ");
  const config = resources.Distribution?.Properties.DistributionConfig as DistributionConfig;
  const behavior = findBehavior(config, pathAndQuery);
  const origin = behavior.TargetOriginId;
  expect(behavior.AllowedMethods).toContain(method);
  if (origin !== "HttpApi") {
    return { origin, function: behavior.FunctionAssociations?.[0]?.FunctionARN["Fn::GetAtt"][0] };
  }
  const [path = ""] = pathAndQuery.split("?");
  const found = findRoute(method, path);
  if (found === undefined) return undefined;
  const authorizer = nameOfAuthorizer(found);
  const integration = resources[integrationOf(found)]?.Properties ?? {};
  if (integration.IntegrationType === "AWS_PROXY") {
    const uri = integration.IntegrationUri as { "Fn::GetAtt": string[] };
    return { origin, lambda: uri["Fn::GetAtt"][0], authorizer };
  }
  const mapping = integration.RequestParameters as Record<string, unknown>;
  expect(mapping["overwrite:path"]).toBe("$request.path");
  const cookie = mapping["overwrite:header.Cookie"];
  return { origin, proxy: integration.IntegrationUri, authorizer, cookie };
}

/**
 * A full match of the path, else one with a greedy variable.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
function findRoute(method: string, path: string) {
  const matching = Object.values(resources).filter(({ Type, Properties }) => {
    if (Type !== "AWS::ApiGatewayV2::Route") return false;
    const [routeMethod, routePath = ""] = String(Properties.RouteKey).split(" ");
    const pattern = routePath.replace(/\{\w+\+\}/g, ".+").replace(/\{\w+\}/g, "[^/]+");
    return routeMethod === method && new RegExp(`^${pattern}$`).test(path);
  });
  const rank = ({ Properties }: Resource) => String(Properties.RouteKey).split("{").length;
  const isGreedy = ({ Properties }: Resource) => String(Properties.RouteKey).includes("+}");
  return matching.toSorted(
    (one, other) => Number(isGreedy(one)) - Number(isGreedy(other)) || rank(one) - rank(other),
  )[0]?.Properties;
}

function nameOfAuthorizer({ AuthorizationType, AuthorizerId }: Resource["Properties"]) {
  if (AuthorizationType === undefined) return undefined;
  const { Ref } = AuthorizerId as { Ref: string };
  return resources[Ref]?.Properties.Name;
}

function integrationOf({ Target }: Resource["Properties"]): string {
  const [, id = ""] =
    /"Ref":"(\w+)"|\$\{(\w+)\}/.exec(JSON.stringify(Target))?.filter(Boolean) ?? [];
  return id;
}

describe("the packaged template with an origin takes", () => {
  test.each(REQUESTED)("%s where it must go", (target) => {
    expect(route(target)).toEqual(destination(target));
  });

  test("what the gateway responds to itself under /api/v1 to the same functions", () => {
    for (const key of Object.keys(OWN)) {
      const versioned = key.replace("/api/", "/api/v1/");
      expect(route(versioned)).toEqual(destination(key));
    }
  });

  test.each([
    "GET /ws/",
    "GET /ws/cloud",
    "GET /WS",
    "GET /docs",
    "GET /openapi.json",
    "GET /uploads/x.html",
    "GET /oauth/callback?error=x",
    "GET /oauth/authorize/gmail",
    "POST /",
    "POST /static/js/app.js",
    "GET /static/",
    "GET /webhook/inbound/x",
  ])("%s to no route", (target) => {
    expect(route(target)).toBeUndefined();
  });
});
