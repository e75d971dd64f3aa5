// What the packaged templates are: two are checked in for review, and the rules hold for every variant.
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as config from "../../lib/config.ts";
import { makeCheckout, ROOT } from "../support/checkout.ts";
import { fileOf, render } from "./render.ts";
import { packageVariant, readTemplate, type Template, VARIANTS, type Variant } from "./variants.ts";

type Name = keyof typeof VARIANTS;
const names = Object.keys(VARIANTS) as Name[];
const templates = new Map<Name, Template>();
/** By function: the files in its zip, as text. */
const zips = new Map<string, Readonly<Record<string, string>>>();
const checkout = makeCheckout();
afterAll(() => checkout.remove());
beforeAll(() => {
  for (const name of names) {
    const [, file = ""] = packageVariant(checkout.directory, name, VARIANTS[name]);
    templates.set(name, readTemplate(file));
    for (const zip of readdirSync(dirname(file)).filter((each) => each.endsWith(".zip"))) {
      const entries = Object.entries(unzipSync(readFileSync(join(dirname(file), zip))));
      const files = entries.map(([path, data]) => [path, strFromU8(data)]);
      zips.set(basename(zip, ".zip"), Object.fromEntries(files));
    }
  }
}, 240_000);

test.each(["plain", "all parameters"] as const)(
  "a change of the stack shows in test/package/templates: %s",
  async (name) => {
    await expect(render(templateOf(name))).toMatchFileSnapshot(fileOf(name));
  },
);

test("each handler has a zip, with its bundle and nothing of local/, test/ or the dev dependencies", () => {
  const handlers = readdirSync(join(ROOT, "handlers")).map((file) => basename(file, ".ts"));
  expect([...zips.keys()].toSorted()).toEqual(handlers.toSorted());
  for (const [name, files] of zips) {
    expect(Object.keys(files)).toEqual([`handlers/${name}.mjs`]);
    // These survive minification.
    const foreign = /embedded Secrets Manager|secrets\.json|fast-check|serverless-/;
    expect(files[`handlers/${name}.mjs`]).not.toMatch(foreign);
  }
});

/** Each KB costs cold start (bench/measures/cold-start.ts has the same limits). */
test.each([
  ["session", 35_000],
  ["authorizer", 38_000],
])("the bundle of %s has at most %i bytes", (name, limit) => {
  const bundle = zips.get(name)?.[`handlers/${name}.mjs`] ?? "x".repeat(limit + 1);
  expect(Buffer.byteLength(bundle)).toBeLessThanOrEqual(limit);
});

function templateOf(name: Name): Template {
  return templates.get(name) ?? { Resources: {}, Outputs: {} };
}

/** A variant's resources of a type, by logical id. */
function resourcesOf(name: Name, type: string) {
  return Object.entries(templateOf(name).Resources).flatMap(([id, { Type, Properties }]) =>
    Type === type ? [[id, Properties] as const] : [],
  );
}

/** Everything in a value that has this key. */
function found(value: unknown, key: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [
    ...(name === key ? [each] : []),
    ...found(each, key),
  ]);
}

/** Route keys and logical ids of 0.1. CloudFormation creates before it deletes: a key that moves is refused, 409. */
const ROUTES_OF_0_1 = {
  HttpApiRoutePostApiAuthSession: "POST /api/auth/session",
  HttpApiRoutePostApiV1AuthSession: "POST /api/v1/auth/session",
  HttpApiRouteGetApiAuthSession: "GET /api/auth/session",
  HttpApiRouteGetApiV1AuthSession: "GET /api/v1/auth/session",
  HttpApiRoutePostApiTokenRegenerate: "POST /api/token/regenerate",
  HttpApiRoutePostApiV1TokenRegenerate: "POST /api/v1/token/regenerate",
};

describe.each(names)("%s: AWS accepts", (name) => {
  const { stage = "dev", region = "us-east-1" }: Variant = VARIANTS[name];
  const routes = () =>
    resourcesOf(name, "AWS::ApiGatewayV2::Route").map(([id, route]) => [id, `${route.RouteKey}`]);

  test("the routes: at each position below the same first segment, variables have one name", () => {
    const variables = new Map<string, string>();
    for (const [, key = ""] of routes()) {
      const [, ...segments] = (key.split(" ")[1] ?? "").split("/");
      segments.forEach((segment, level) => {
        if (!segment.startsWith("{")) return;
        const place = `/${segments[0]}, level ${level + 1}`;
        expect([place, segment]).toEqual([place, variables.get(place) ?? segment]);
        variables.set(place, segment);
      });
    }
  });

  test("an upgrade from 0.1: no route key is on another logical id, and none is there twice", () => {
    expect(Object.fromEntries(routes())).toMatchObject(ROUTES_OF_0_1);
    const keys = routes().map(([, key]) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("the mappings: no value is empty, and none names Authorization", () => {
    const { Resources } = templateOf(name);
    const requests = found(Resources, "RequestParameters").map(Object);
    const responses = found(Resources, "Source").map((each) => ["", each]);
    for (const [key, value] of [...requests.flatMap(Object.entries), ...responses]) {
      expect(value).not.toBe("");
      expect(key).not.toMatch(/authorization/i);
    }
  });

  test("the names, of at most 64 characters", () => {
    const resolve = (value: unknown) =>
      String(Object(value)["Fn::Sub"] ?? value)
        .replace(`\${AWS::StackName}`, `pocketpaw-session-gateway-${stage}`)
        .replace(`\${AWS::Region}`, region);
    const all = [
      ...resourcesOf(name, "AWS::Lambda::Function").map(([, { FunctionName }]) => FunctionName),
      ...resourcesOf(name, "AWS::CloudFront::Function").map(([, { Name }]) => Name),
      ...found(templateOf(name).Resources, "ResponseHeadersPolicyConfig").flatMap((each) =>
        found(each, "Name"),
      ),
    ].map(resolve);
    expect(all.filter((each) => !/^[A-Za-z0-9-]{1,64}$/.test(each))).toEqual([]);
    expect(new Set(all).size).toBeGreaterThanOrEqual(11);
  });
});

test.each(names)(
  "%s: a role for each function, that only Lambda assumes, with full names of actions on named resources",
  (name) => {
    const functions = resourcesOf(name, "AWS::Lambda::Function");
    const roles = functions.map(([, { Role }]) => String(found(Role, "Fn::GetAtt").flat()[0]));
    const all = resourcesOf(name, "AWS::IAM::Role");
    expect(roles.toSorted()).toEqual(all.map(([id]) => id).toSorted());
    const lambda = { Service: "lambda.amazonaws.com" };
    for (const [, role] of all) {
      expect(role.ManagedPolicyArns).toBeUndefined();
      expect(found(role.AssumeRolePolicyDocument, "Statement").flat()).toEqual([
        { Effect: "Allow", Principal: lambda, Action: "sts:AssumeRole" },
      ]);
      for (const { Action, Resource } of found(role.Policies, "Statement").flat().map(Object)) {
        expect(JSON.stringify(Action)).not.toContain("*");
        // A random password is no resource: IAM takes nothing but `*` there.
        const isWide = Action[0] === "secretsmanager:GetRandomPassword";
        expect(JSON.stringify(Resource).includes("*")).toBe(isWide);
      }
    }
  },
);

test.each([
  ["Session", config.readSessionSettings],
  ["Authorizer", config.readAuthorizerSettings],
  ["Verify", config.readAuthorizerSettings],
  ["Login", config.readLoginSettings],
  ["Logout", config.readLogoutSettings],
  ["Qr", config.readQrSettings],
  ["Regenerate", config.readRegenerateSettings],
  ["Page", config.readPageSettings],
] as const)("with all parameters, the stack sets what %s reads, and nothing else", (id, read) => {
  const { Environment } = Object(
    templateOf("all parameters").Resources[`${id}LambdaFunction`]?.Properties,
  );
  const seen = new Set<string>();
  const get = (_: object, name: string) => {
    // How long secrets are kept is no parameter.
    if (!/^SECRETS_/.test(name)) seen.add(name);
    const value = Environment.Variables[name];
    return value?.["Fn::GetAtt"]?.[0] ?? value;
  };
  read(new Proxy({}, { get }));
  expect(Object.keys(Environment.Variables).toSorted()).toEqual([...seen].toSorted());
});
