import { describe, expect, test } from "vitest";
import { settings } from "../../deploy/parameters.js";

/** As serverless.yml has them. */
const DEFAULTS: Record<string, string | number> = {
  originUrl: "",
  inboundWebhooks: "",
  corsOrigins: "",
  sessionTtlHours: 24,
  acceptMasterToken: "true",
  masterTokenSecretArn: "",
  hmacKeySecretArn: "",
  logRetentionDays: 30,
  rotationDays: 30,
};
const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:paw/key-AbCdEf";

function check(parameters: Record<string, string | number>) {
  const given = { ...DEFAULTS, ...parameters };
  return settings({
    resolveVariable: async (address) => given[/^param:(\w+), ''$/.exec(address)?.[1] ?? ""],
    resolveConfigurationProperty: async () => undefined,
  });
}

test("the defaults: no origin, no CORS, secrets of the stack's own", async () => {
  expect(await check({})).toEqual({
    originUrl: null,
    acceptNativeTokens: false,
    inboundWebhooks: [],
    cors: false,
    sessionTtlHours: 24,
    acceptMasterToken: true,
    masterTokenSecretArn: { "Fn::GetAtt": ["MasterToken", "Id"] },
    hmacKeySecretArn: { "Fn::GetAtt": ["HmacKey", "Id"] },
    logRetentionDays: 30,
    rotationDays: 30,
  });
});

test("with an origin, PocketPaw's own tokens are accepted", async () => {
  expect(await check({ originUrl: "https://paw.example.com:8443" })).toMatchObject({
    originUrl: "https://paw.example.com:8443",
    acceptNativeTokens: true,
  });
});

test("names of webhooks are taken apart", async () => {
  expect(await check({ inboundWebhooks: "github, my-alerts_2" })).toMatchObject({
    inboundWebhooks: ["github", "my-alerts_2"],
  });
});

test("origins of dashboards are taken apart", async () => {
  const { cors } = await check({ corsOrigins: "https://a.example.com, http://localhost:5173" });
  expect(cors).toMatchObject({
    allowedOrigins: ["https://a.example.com", "http://localhost:5173"],
  });
});

describe("taken as well:", () => {
  test.each([
    ["originUrl", "http://127.0.0.1:8888"],
    ["sessionTtlHours", "720"],
    ["masterTokenSecretArn", ARN],
    ["hmacKeySecretArn", ARN.replace("arn:aws:", "arn:aws-us-gov:")],
    ["logRetentionDays", "3653"],
    ["rotationDays", "0"],
    ["rotationDays", "1000"],
  ])("%s=%s", async (name, value) => {
    expect(await check({ [name]: value })).toHaveProperty(name);
  });
});

describe("refused, told by name and with what it takes:", () => {
  const url =
    "https://host or https://host:port (http:// for a loopback address alone), or nothing";
  const webhooks = "names of PocketPaw's inbound webhooks (letters, digits, _ and -)";
  const origins = "origins such as https://dash.example.com with commas between them, or nothing";
  const arn = "the full ARN of a Secrets Manager secret, or nothing for one that the stack makes";
  test.each([
    ["originUrl", "paw.example.com", url],
    ["originUrl", "ftp://paw.example.com", url],
    ["originUrl", "http://paw.example.com", url],
    ["originUrl", "http://127.0.0.1.evil.com", url],
    ["originUrl", "https://paw.example.com/", url],
    ["originUrl", "https://paw.example.com/dashboard", url],
    ["acceptMasterToken", "yes", "true or false"],
    ["inboundWebhooks", "{name}", webhooks],
    ["inboundWebhooks", "a/../b", webhooks],
    ["inboundWebhooks", "github,", webhooks],
    ["corsOrigins", "*", origins],
    ["corsOrigins", "https://a.example.com https://b.example.com", origins],
    ["corsOrigins", "https://a.example.com,", origins],
    ["corsOrigins", "https://a.example.com/", origins],
    ["sessionTtlHours", "", "a whole number from 1 to 720"],
    ["sessionTtlHours", "0", "a whole number from 1 to 720"],
    ["sessionTtlHours", "721", "a whole number from 1 to 720"],
    ["sessionTtlHours", "1.5", "a whole number from 1 to 720"],
    ["sessionTtlHours", "a day", "a whole number from 1 to 720"],
    ["masterTokenSecretArn", "paw/master", arn],
    ["hmacKeySecretArn", ARN.replace("-AbCdEf", ""), arn],
    ["hmacKeySecretArn", ARN.replace("secretsmanager", "ssm"), arn],
    ["logRetentionDays", "31", "one of 1, 3, 5, 7, 14, 30, 60"],
    ["rotationDays", "1001", "a whole number from 1 to 1000, or 0 for no rotation"],
    ["rotationDays", "-1", "a whole number from 1 to 1000, or 0 for no rotation"],
  ])("%s=%s", async (name, value, takes) => {
    await expect(check({ [name]: value })).rejects.toThrow(
      `${name} is ${JSON.stringify(value)}; it takes ${takes}`,
    );
  });

  test("a secret in the place of its ARN, without showing it", async () => {
    const failure = check({ masterTokenSecretArn: "8c7e6f0a-3b1d-4e2f-9a5c-d4b3c2a1f0e9" });
    await expect(failure).rejects.toThrow('masterTokenSecretArn is "8c7e…"; it takes');
  });

  test("a URL with a password in it, without showing that", async () => {
    const failure = check({ originUrl: "https://user:pass@paw.example.com" });
    await expect(failure).rejects.toThrow(
      `originUrl is "https://…@paw.example.com"; it takes ${url}`,
    );
  });

  test("one secret for both", async () => {
    const failure = check({ masterTokenSecretArn: ARN, hmacKeySecretArn: ARN });
    await expect(failure).rejects.toThrow(
      "masterTokenSecretArn and hmacKeySecretArn name one secret",
    );
  });

  test("all at once", async () => {
    const failure = check({ sessionTtlHours: 0, logRetentionDays: 2 });
    await expect(failure).rejects.toThrow(/sessionTtlHours.*logRetentionDays/);
  });
});
