import { expect, test } from "vitest";
import { readAwsEnvironment } from "../../../lib/secrets/aws-environment.ts";

const CREDENTIALS = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" };

function endpointOf(environment: Record<string, string>): string {
  return readAwsEnvironment({ ...CREDENTIALS, ...environment }).endpoint.href;
}

// https://docs.aws.amazon.com/general/latest/gr/asm.html
test.each([
  ["us-east-1", {}, "https://secretsmanager.us-east-1.amazonaws.com/"],
  ["us-gov-west-1", {}, "https://secretsmanager.us-gov-west-1.amazonaws.com/"],
  ["cn-north-1", {}, "https://secretsmanager.cn-north-1.amazonaws.com.cn/"],
  ["eusc-de-east-1", {}, "https://secretsmanager.eusc-de-east-1.amazonaws.eu/"],
  [
    "us-east-1",
    { AWS_USE_FIPS_ENDPOINT: "true" },
    "https://secretsmanager-fips.us-east-1.amazonaws.com/",
  ],
  [
    "eu-west-1",
    { AWS_USE_DUALSTACK_ENDPOINT: "true" },
    "https://secretsmanager.eu-west-1.api.aws/",
  ],
])("in %s with %o the endpoint is %3$s", (region, settings, endpoint) => {
  expect(endpointOf({ AWS_REGION: region, ...settings })).toBe(endpoint);
});

test("AWS_ENDPOINT_URL_SECRETS_MANAGER goes before AWS_ENDPOINT_URL, and both before the region's", () => {
  const all = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
  expect(endpointOf(all)).toBe("http://127.0.0.1:1/");
  const own = { AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:2" };
  expect(endpointOf({ ...all, ...own })).toBe("http://127.0.0.1:2/");
});

test("what is no URL is refused by name", () => {
  const environment = { AWS_REGION: "us-east-1", AWS_ENDPOINT_URL: "here" };
  expect(() => endpointOf(environment)).toThrow('AWS_ENDPOINT_URL is "here"; it must be a URL');
});

test("without a region nothing starts, and the message names AWS_REGION", () => {
  expect(() => readAwsEnvironment(CREDENTIALS)).toThrow("AWS_REGION is not set");
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
