import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PARAMETERS } from "../../deploy/parameter-table.js";
import { check, DEFAULTS } from "./support.ts";

const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:paw/key-AbCdEf";
const CERTIFICATE =
  "arn:aws:acm:us-east-1:123456789012:certificate/1b2c3d4e-0000-4000-8000-000000000000";
const WEB_ACL =
  "arn:aws:wafv2:us-east-1:123456789012:global/webacl/paw/1b2c3d4e-0000-4000-8000-000000000000";
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms";
const VERSION_ID = "1b2c3d4e-0000-4000-8000-000000000000";
const ORIGIN = { originUrl: "https://pocketpaw-origin.example.com" };

test("serverless.yml has a default for each parameter, and the tests know it", () => {
  const yaml = readFileSync(new URL("../../serverless.yml", import.meta.url), "utf8");
  const block = /^params:\n {2}default:\n((?: {4}.*\n)+)/m.exec(yaml)?.[1] ?? "";
  const defaults = [...block.matchAll(/^ {4}(\w+): (.*)$/gm)].map(([, name, value = ""]) => [
    name,
    JSON.parse(/^[A-Z]/.test(value) ? `"${value}"` : value),
  ]);
  expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
  expect(Object.keys(DEFAULTS).toSorted()).toEqual(Object.keys(PARAMETERS).toSorted());
});

test("the defaults: no origin, no CORS, secrets of the stack's own", async () => {
  expect(await check({})).toEqual({
    originUrl: null,
    hasPocketPaw: false,
    publicUrl: null,
    allowedOrigins: null,
    upstreamSecretId: null,
    inboundWebhooks: [],
    cors: false,
    sessionTtlHours: 24,
    acceptMasterToken: true,
    masterTokenSecretArn: { "Fn::GetAtt": ["MasterToken", "Id"] },
    hmacKeySecretArn: { "Fn::GetAtt": ["HmacKey", "Id"] },
    logRetentionDays: 30,
    logLevel: "INFO",
    rotationDays: 30,
    domainName: null,
    certificateArn: null,
    webAclArn: null,
    alarmTopicArn: null,
    permissionsBoundaryArn: null,
    authorizerConcurrency: null,
    apiSecretVersionId: null,
    webSocketSecretVersionId: null,
  });
});

test("with an originUrl, the functions know that PocketPaw is behind the gateway, and browsers come by the distribution", async () => {
  expect(await check({ originUrl: "https://paw.example.com:8443" })).toMatchObject({
    originUrl: "https://paw.example.com:8443",
    hasPocketPaw: true,
    publicUrl: { "Fn::Sub": `https://\${Distribution.DomainName}` },
    upstreamSecretId: { "Fn::GetAtt": ["ApiUpstreamSecret", "Id"] },
  });
});

test("with a domain name, browsers come by that", async () => {
  const domain = { domainName: "Paw.example.com", certificateArn: CERTIFICATE };
  expect(await check({ ...ORIGIN, ...domain })).toMatchObject({
    domainName: "paw.example.com",
    publicUrl: "https://paw.example.com",
  });
});

test("names of webhooks are taken apart, each once", async () => {
  expect(await check({ inboundWebhooks: "github, my-alerts_2,github" })).toMatchObject({
    inboundWebhooks: ["github", "my-alerts_2"],
  });
});

test("origins of dashboards are as browsers send them, for CORS and for the cookie", async () => {
  const corsOrigins =
    "https://A.example.com:443, http://localhost:5173,https://tauri.localhost,https://a.example.com";
  const expected = ["https://a.example.com", "http://localhost:5173", "https://tauri.localhost"];
  const { cors, allowedOrigins } = await check({ corsOrigins });
  expect(cors).toMatchObject({ allowedOrigins: expected });
  expect(allowedOrigins).toBe(expected.join(","));
});

test("a preflight may name the headers of tracing tools, and scripts may read both names of the challenge", async () => {
  const { cors } = await check({ corsOrigins: "https://dash.example.com" });
  expect(cors).toMatchObject({
    allowedHeaders: expect.arrayContaining([
      ...["baggage", "sentry-trace", "traceparent", "tracestate", "x-requested-with", "accept"],
      ...["cache-control", "last-event-id", "idempotency-key", "authorization", "content-type"],
    ]),
    exposedResponseHeaders: expect.arrayContaining([
      "www-authenticate",
      "x-amzn-remapped-www-authenticate",
    ]),
  });
});

describe("taken as well:", () => {
  test.each([
    ["originUrl", "http://127.0.0.1:8888"],
    ["originUrl", "http://[::1]:8888"],
    ["originUrl", "http://localhost:88"],
    ["originUrl", "https://paw.example.com:80"],
    ["originUrl", "https://paw.example.com:443"],
    ["originUrl", "https://paw.example.com:1024"],
    ["originUrl", "https://paw.example.com:65535"],
    ["inboundWebhooks", "a".repeat(64)],
    ["sessionTtlHours", "696"],
    ["masterTokenSecretArn", ARN],
    ["hmacKeySecretArn", ARN.replace("arn:aws:", "arn:aws-us-gov:")],
    ["logRetentionDays", "3653"],
    ["logLevel", "WARN"],
    ["rotationDays", "0"],
    ["rotationDays", "2"],
    ["rotationDays", "1000"],
    ["alarmTopicArn", TOPIC],
    ["permissionsBoundaryArn", "arn:aws:iam::123456789012:policy/team/boundary"],
    ["authorizerConcurrency", "20"],
    ["corsOrigins", "http://tauri.localhost"],
  ])("%s=%s", async (name, value) => {
    expect(await check({ [name]: value })).toHaveProperty(name.replace("corsOrigins", "cors"));
  });

  test.each([
    ["webAclArn", WEB_ACL],
    ["apiSecretVersionId", VERSION_ID],
    ["webSocketSecretVersionId", VERSION_ID],
  ])("with an origin, %s=%s", async (name, value) => {
    expect(await check({ ...ORIGIN, [name]: value })).toHaveProperty(name, value);
  });
});

describe("refused, with the name and what is allowed:", () => {
  const url =
    "https:// and a DNS name, with or without a port, which is 80, 443 or 1024 to 65535 (http:// only for a loopback host)";
  const webhooks = "names of PocketPaw's inbound webhooks (at most 64 letters, digits, _ and -)";
  const origins = "origins such as https://dash.example.com separated by commas, or empty";
  const arn = "the full ARN of a Secrets Manager secret, or empty for one that the stack makes";
  const days = "a whole number from 2 to 1000, or 0 for no rotation";
  test.each([
    ["originUrl", "paw.example.com", url],
    ["originUrl", "ftp://paw.example.com", url],
    ["originUrl", "http://paw.example.com", url],
    ["originUrl", "http://127.0.0.1.evil.com", url],
    ["originUrl", "https://paw.example.com/", url],
    ["originUrl", "https://paw.example.com/dashboard", url],
    ["originUrl", "https://203.0.113.7", url],
    ["originUrl", "https://[2001:db8::1]", url],
    ["originUrl", "https://paw", url],
    ["originUrl", "https://paw.example.com:99999", url],
    ["originUrl", "https://paw.example.com:81", url],
    ["originUrl", "https://paw.example.com:1023", url],
    ["acceptMasterToken", "yes", "true or false"],
    ["inboundWebhooks", "{name}", webhooks],
    ["inboundWebhooks", "a/../b", webhooks],
    ["inboundWebhooks", "github,", webhooks],
    ["inboundWebhooks", "a.b", webhooks],
    ["inboundWebhooks", `github,${"a-b".repeat(22)}`, webhooks],
    ["corsOrigins", "*", origins],
    ["corsOrigins", "https://a.example.com https://b.example.com", origins],
    ["corsOrigins", "https://a.example.com,", origins],
    ["corsOrigins", "https://a.example.com/", origins],
    ["corsOrigins", "http://dash.example.com", origins],
    ["corsOrigins", "http://localhost.example.com", origins],
    ["corsOrigins", "tauri://localhost", origins],
    ["corsOrigins", "null", origins],
    ["sessionTtlHours", "", "a whole number from 1 to 720"],
    ["sessionTtlHours", "0", "a whole number from 1 to 720"],
    ["sessionTtlHours", "721", "a whole number from 1 to 720"],
    ["sessionTtlHours", "1.5", "a whole number from 1 to 720"],
    ["sessionTtlHours", "a day", "a whole number from 1 to 720"],
    ["masterTokenSecretArn", "paw/master", arn],
    ["hmacKeySecretArn", ARN.replace("-AbCdEf", ""), arn],
    ["hmacKeySecretArn", ARN.replace("secretsmanager", "ssm"), arn],
    ["logRetentionDays", "31", "one of 1, 3, 5, 7, 14, 30, 60"],
    ["logLevel", "DEBUG", "INFO or WARN"],
    ["rotationDays", "1", days],
    ["rotationDays", "1001", days],
    ["rotationDays", "-1", days],
    ["domainName", "https://paw.example.com", "a DNS name such as paw.example.com"],
    ["domainName", "*.example.com", "a DNS name such as paw.example.com"],
    ["domainName", "paw.example.com.", "a DNS name such as paw.example.com"],
    [
      "certificateArn",
      CERTIFICATE.replace("us-east-1", "eu-west-1"),
      "the ARN of an ACM certificate in us-east-1",
    ],
    [
      "webAclArn",
      WEB_ACL.replace("us-east-1", "eu-west-1"),
      "the ARN of a WAF web ACL of scope CLOUDFRONT",
    ],
    [
      "webAclArn",
      WEB_ACL.replace("global", "regional"),
      "the ARN of a WAF web ACL of scope CLOUDFRONT",
    ],
    ["alarmTopicArn", `${TOPIC}.fifo`, "the ARN of an SNS topic"],
    ["permissionsBoundaryArn", "arn:aws:iam::123456789012:role/x", "the ARN of an IAM policy"],
    ["authorizerConcurrency", "0", "a whole number from 1 to 10000"],
    ["apiSecretVersionId", "AWSCURRENT", "a version id of that secret"],
  ])("%s=%s", async (name, value, allowed) => {
    await expect(check({ [name]: value })).rejects.toThrow(
      `${name} is ${JSON.stringify(value)}; it must be ${allowed}`,
    );
  });

  test("a scheme that API Gateway's CORS does not document, with the reason", async () => {
    await expect(check({ corsOrigins: "tauri://localhost" })).rejects.toThrow(
      "another scheme, such as tauri://, is not allowed, because AWS documents only http and https origins",
    );
  });

  test.each(["masterTokenSecretArn", "apiSecretVersionId", "webSocketSecretVersionId"])(
    "a secret in the place of %s, without showing it",
    async (name) => {
      const secret = "8c7e6f0a3b1d4e2f9a5cd4b3c2a1f0e9abcdefabcdefabcd";
      const message = await check({ [name]: secret }).catch(String);
      expect(message).toContain(`${name} is "8c7e…"; it must be`);
      expect(message).not.toContain(secret);
    },
  );

  test("a URL with a password in it, without showing that", async () => {
    const failure = check({ originUrl: "https://user:pass@paw.example.com" });
    await expect(failure).rejects.toThrow(
      `originUrl is "https://…@paw.example.com"; it must be ${url}`,
    );
  });

  test("all at once", async () => {
    const failure = check({ sessionTtlHours: 0, logRetentionDays: 2 });
    await expect(failure).rejects.toThrow(/sessionTtlHours.*logRetentionDays/);
  });
});

describe("refused together:", () => {
  test("one secret for both", async () => {
    const failure = check({ masterTokenSecretArn: ARN, hmacKeySecretArn: ARN });
    await expect(failure).rejects.toThrow(
      "masterTokenSecretArn and hmacKeySecretArn are the same secret",
    );
  });

  test.each([
    ["masterTokenSecretArn", ARN],
    ["hmacKeySecretArn", ARN],
    ["alarmTopicArn", TOPIC],
  ])("%s in another region than the stack's, with both regions", async (name, arn) => {
    await expect(check({ [name]: arn.replace("eu-central-1", "eu-west-1") })).rejects.toThrow(
      `${name} is in eu-west-1, and the stack is deployed in eu-central-1`,
    );
  });

  test.each([
    [{ sessionTtlHours: 25, rotationDays: 2 }, "at most 24"],
    [{ sessionTtlHours: 720, rotationDays: 30 }, "at most 696"],
  ])("a session that two rotations would end: %j", async (parameters, most) => {
    const failure = check(parameters);
    await expect(failure).rejects.toThrow(
      `sessionTtlHours is ${parameters.sessionTtlHours} with rotationDays ${parameters.rotationDays}; it must be ${most}`,
    );
    await expect(failure).rejects.toThrow("the current and the previous HMAC key");
  });

  test("not the longest session where it is rotated as late as it needs, or never", async () => {
    await check({ sessionTtlHours: 720, rotationDays: 31 });
    await check({ sessionTtlHours: 720, rotationDays: 0 });
    await check({ sessionTtlHours: 24, rotationDays: 2 });
  });

  test.each([
    [{ domainName: "paw.example.com" }, "domainName is given and certificateArn is not"],
    [{ certificateArn: CERTIFICATE }, "certificateArn is given and domainName is not"],
  ])("a domain name without its certificate, or the reverse: %j", async (parameters, message) => {
    await expect(check({ ...ORIGIN, ...parameters })).rejects.toThrow(message);
  });

  test.each(["https://paw.example.com", "https://PAW.example.com:8443"])(
    "the dashboard's name and the origin %s, since CloudFront would call itself",
    async (originUrl) => {
      const domain = { domainName: "Paw.example.com", certificateArn: CERTIFICATE };
      await expect(check({ originUrl, ...domain })).rejects.toThrow(
        "domainName is paw.example.com, the host of originUrl; it must be another name",
      );
    },
  );

  test.each([
    ["webAclArn", WEB_ACL],
    ["apiSecretVersionId", VERSION_ID],
    ["webSocketSecretVersionId", VERSION_ID],
  ])("%s without originUrl", async (name, value) => {
    await expect(check({ [name]: value })).rejects.toThrow(`${name} is given and originUrl is not`);
  });
});

describe("an unknown parameter is named, with the parameters that exist:", () => {
  const message = /"sessionTTLHours" is not a parameter; allowed: originUrl, .*sessionTtlHours/;

  test("on the command line", async () => {
    await expect(check({ sessionTTLHours: 12 })).rejects.toThrow(message);
  });

  test("in the stage's own block", async () => {
    const stages = { default: DEFAULTS, dev: { sessionTTLHours: 12 } };
    await expect(check({}, stages)).rejects.toThrow(message);
  });

  test("but not in another stage's", async () => {
    await check({}, { default: DEFAULTS, prod: { sessionTTLHours: 12 } });
  });
});
