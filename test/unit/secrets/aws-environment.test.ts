import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, expect, test, vi } from "vitest";
import { readAwsEnvironment } from "../../../lib/secrets/aws-environment.ts";
import { createSecretsManagerClient } from "../../../lib/secrets/client.ts";

const CREDENTIALS = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" };
const FIPS = { AWS_USE_FIPS_ENDPOINT: "true" };
const DUAL_STACK = { AWS_USE_DUALSTACK_ENDPOINT: "true" };
const OWN = { AWS_ENDPOINT_URL_SECRETS_MANAGER: "https://own.example.com:8443" };
const OF_ALL = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" };
const IGNORED = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };

afterEach(() => vi.unstubAllEnvs());

const endpointOf = (environment: Record<string, string>) =>
  readAwsEnvironment({ ...CREDENTIALS, ...environment }).endpoint.href;

/** Where a client sends its request, in an environment of its own. */
async function askedBy(
  environment: Record<string, string>,
  create: (config: object) => SecretsManagerClient,
): Promise<string> {
  const all = { ...CREDENTIALS, AWS_CONFIG_FILE: "/none", ...environment };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  let url = "";
  const handle = async ({ protocol, hostname, port }: Record<string, string | undefined>) => {
    url = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}/`;
    throw new Error("not sent");
  };
  const client = create({ maxAttempts: 1, requestHandler: { handle } });
  await client.send(new GetSecretValueCommand({ SecretId: "any" })).catch(() => undefined);
  vi.unstubAllEnvs();
  return url;
}

/** One of each partition, several of the largest, and one that no table has yet. */
const REGIONS = [
  ...["us-east-1", "eu-central-1", "il-central-1", "mx-central-1", "eu-west-9"],
  ...["us-gov-west-1", "cn-north-1", "cn-northwest-1", "eusc-de-east-1"],
  ...["us-iso-east-1", "us-isob-east-1", "us-isof-south-1", "eu-isoe-west-1"],
];
const ANY_SETTINGS: Record<string, string>[] = [
  {},
  FIPS,
  DUAL_STACK,
  { ...FIPS, ...DUAL_STACK },
  { AWS_USE_FIPS_ENDPOINT: "false", AWS_USE_DUALSTACK_ENDPOINT: "false" },
];

test.each<Record<string, string>>([
  ...REGIONS.flatMap((AWS_REGION) => ANY_SETTINGS.map((each) => ({ AWS_REGION, ...each }))),
  ...[
    OWN,
    OF_ALL,
    { ...OWN, ...OF_ALL },
    { ...OWN, ...OF_ALL, ...IGNORED },
    { ...OF_ALL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false" },
    { ...OWN, AWS_ENDPOINT_URL_SECRETS_MANAGER: "" },
  ].map((each) => ({ AWS_REGION: "us-east-1", ...each })),
])("the endpoint is the SDK's own, in every function: %o", async (environment) => {
  const bySdk = await askedBy(environment, (config) => new SecretsManagerClient(config));
  expect(endpointOf(environment)).toBe(bySdk);
  expect(await askedBy(environment, createSecretsManagerClient)).toBe(bySdk);
});

test.each([
  { ...OWN, ...FIPS },
  { ...OWN, ...DUAL_STACK },
  { ...OF_ALL, ...FIPS, ...DUAL_STACK },
])("an own endpoint wins over FIPS and dual stack in every function: %o", async (settings) => {
  const environment = { AWS_REGION: "us-east-1", ...settings };
  const [own = ""] = Object.values(settings);
  expect(endpointOf(environment)).toBe(`${own}/`);
  expect(await askedBy(environment, createSecretsManagerClient)).toBe(`${own}/`);
});

test.each([
  ['AWS_ENDPOINT_URL is "here"; it must be a URL', { AWS_REGION: "any", AWS_ENDPOINT_URL: "here" }],
  ["AWS_REGION is not set", CREDENTIALS],
])("nothing starts where %s", (message, environment) => {
  expect(() => readAwsEnvironment(environment)).toThrow(message);
});

test("the credentials are those of the moment, with the session token where there is one", async () => {
  const environment: Record<string, string> = { AWS_REGION: "us-east-1", ...CREDENTIALS };
  const { credentials } = readAwsEnvironment(environment);
  expect(await credentials()).toEqual({ accessKeyId: "id", secretAccessKey: "key" });
  environment.AWS_SESSION_TOKEN = "session";
  expect(await credentials()).toHaveProperty("sessionToken", "session");
});

test("an error names missing credentials, once they are needed", async () => {
  const { credentials } = readAwsEnvironment({ AWS_REGION: "us-east-1" });
  await expect(credentials()).rejects.toThrow("AWS_ACCESS_KEY_ID is not set");
});
