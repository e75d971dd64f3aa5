import { describe, expect, test } from "vitest";
import { PARAMETERS } from "../../deploy/parameters.js";
import { check } from "./support.ts";

const secret = (name: string) => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}`;
const ARN = secret("paw/key-AbCdEf");
const UUID = "0b9c3d4e-0f90-4000-8000-00000000000f";
const CERTIFICATE = `arn:aws:acm:us-east-1:123456789012:certificate/${UUID}`;
const WEB_ACL = `arn:aws:wafv2:us-east-1:123456789012:global/webacl/paw/${UUID}`;
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms";
const BOUNDARY = "arn:aws:iam::123456789012:policy/team/boundary";
const LONG = "a".repeat(64);
/** The longest label of DNS (RFC 1035 section 2.3.4). */
const LABEL = "a".repeat(63);
const ORIGIN = { originUrl: "https://pocketpaw-origin.example.com" };

type Name = keyof typeof PARAMETERS;
type Table<T> = { readonly [K in Name]: T };

/** Texts that are taken as they are, or as the number that they are; empty is null where it is taken. */
const TAKEN: Table<readonly string[]> = {
  originUrl: [
    ...["", "https://paw.example.com:80", "https://paw.example.com:1024", "http://127.0.0.1:8888"],
    ...["http://[::1]:8888", "http://a.localhost", "https://paw.example.com:65535"],
    "https://paw.example.com:10080",
    ...["https://a.b.c", `https://9a9.9-9.${LABEL}`, `https://${LABEL}.c9`],
  ],
  inboundWebhooks: [],
  corsOrigins: [],
  sessionTtlHours: ["1", "720"],
  acceptMasterToken: [],
  masterTokenSecretArn: [ARN, secret("9-Z9a0B9"), secret(`${"x".repeat(512)}-000000`)],
  hmacKeySecretArn: [ARN.replace("arn:aws:", "arn:aws-us-gov:")],
  logRetentionDays: ["1", "3653"],
  logLevel: ["INFO", "WARN"],
  rotationDays: ["0", "2", "1000"],
  domainName: ["", "paw.example.com", `${`${LABEL}.`.repeat(3)}${"b".repeat(61)}`],
  certificateArn: ["", CERTIFICATE],
  webAclArn: ["", WEB_ACL],
  alarmTopicArn: ["", TOPIC],
  permissionsBoundaryArn: ["", BOUNDARY],
  authorizerConcurrency: ["", "1", "10000"],
  apiSecretVersionId: ["", UUID],
  directSecretVersionId: ["", UUID],
};

/** Texts that are refused, with no guess of what was meant. */
const REFUSED: Table<readonly string[]> = {
  originUrl: [
    ...["paw.example.com", "ftp://paw.example.com", "http://paw.example.com", "https://paw"],
    ...["http://127.0.0.1.evil.com", "https://paw.example.com/dashboard", "https://203.0.113.7"],
    ...["https://[2001:db8::1]", "https://paw.example.com:99999", "https://paw.example.com:81"],
    ...[`https://b${LABEL}.com`, `https://paw.b${LABEL}`, "https://paw.example.com:08443"],
    "https://paw.example.com:1023",
  ],
  inboundWebhooks: ["{name}", "a/../b", "github,", "a.b", `github,${"a-b".repeat(22)}`],
  corsOrigins: [
    ...["*", "https://a.example.com https://b.example.com", "https://a.example.com,"],
    ...["http://dash.example.com", "http://localhost.example.com", "tauri://localhost", "null"],
  ],
  sessionTtlHours: ["", "0", "721", "1.5", "a day"],
  acceptMasterToken: ["", "yes", "1"],
  masterTokenSecretArn: ["paw/master", secret(`${"x".repeat(513)}-000000`), secret("-000000")],
  hmacKeySecretArn: [ARN.replace("-AbCdEf", ""), ARN.replace("secretsmanager", "ssm")],
  logRetentionDays: ["", "31", "0"],
  logLevel: ["", "DEBUG"],
  rotationDays: ["", "1", "1001", "-1"],
  domainName: [
    ...["https://paw.example.com", "*.example.com", "paw.example.com.", "paw"],
    `${"a.".repeat(126)}bb`,
  ],
  certificateArn: [CERTIFICATE.replace("us-east-1", "eu-west-1")],
  webAclArn: [WEB_ACL.replace("us-east-1", "eu-west-1"), WEB_ACL.replace("global", "regional")],
  alarmTopicArn: [`${TOPIC}.fifo`],
  permissionsBoundaryArn: ["arn:aws:iam::123456789012:role/x"],
  authorizerConcurrency: ["0", "10001"],
  apiSecretVersionId: ["AWSCURRENT"],
  directSecretVersionId: ["AWSCURRENT"],
};

test.each(Object.keys(PARAMETERS) as Name[])(
  "%s takes what is allowed, and names the rest",
  (name) => {
    const { allowed, parse } = PARAMETERS[name];
    for (const text of TAKEN[name]) {
      const value = text === "" ? null : /^\d+$/.test(text) ? Number(text) : text;
      expect([text, parse(text)]).toEqual([text, value]);
    }
    for (const text of REFUSED[name]) {
      const problem = `${name} is ${JSON.stringify(text)}; it must be ${allowed}.`;
      expect(messageFor({ [name]: text })).toBe(problem);
    }
  },
);

test.each<[Name, string, unknown]>([
  ["originUrl", "https://Paw.example.com:443", "https://paw.example.com"],
  ["inboundWebhooks", "", []],
  ["inboundWebhooks", `github, my-alerts_2,github,${LONG}`, ["github", "my-alerts_2", LONG]],
  ["corsOrigins", "", []],
  [
    "corsOrigins",
    "https://A.example.com:443, http://localhost:5173,https://tauri.localhost,https://a.example.com",
    ["https://a.example.com", "http://localhost:5173", "https://tauri.localhost"],
  ],
  ["corsOrigins", "https://1.1.1.1", ["https://1.1.1.1"]],
  ["corsOrigins", "https://203.198.101.199", ["https://203.198.101.199"]],
  ["acceptMasterToken", "false", false],
  ["masterTokenSecretArn", "", { "Fn::GetAtt": ["MasterToken", "Id"] }],
  ["hmacKeySecretArn", "", { "Fn::GetAtt": ["HmacKey", "Id"] }],
  ["domainName", "Paw.example.com", "paw.example.com"],
])("%s=%s becomes what the stack needs", (name, text, value) => {
  expect(PARAMETERS[name].parse(text)).toEqual(value);
});

test.each([
  ["sessionTtlHours", /from (\d+) to (\d+)/, ""],
  ["rotationDays", /from (\d+) to (\d+)/, ""],
  ["authorizerConcurrency", /from (\d+) to (\d+)/, ""],
  ["originUrl", /(\d+) to (\d+)/, "http://127.0.0.1:"],
] as const)("%s takes the numbers that its message says", (name, limits, before) => {
  const { allowed, parse } = PARAMETERS[name];
  const [, min = 0, max = 0] = limits.exec(allowed)?.map(Number) ?? [];
  const taken = [min - 1, min, max, max + 1].map((number) => parse(`${before}${number}`));
  // 0 is no number of days.
  const isTaken = taken.map((value) => value !== undefined && value !== 0);
  expect(isTaken).toEqual([false, true, true, false]);
});

/** The message of a deployment that is stopped. */
function messageFor(parameters: Readonly<Record<string, unknown>>, deployment = {}): string {
  try {
    check(parameters, deployment);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "";
}

describe("what was meant is said, and first:", () => {
  test.each([
    ["originUrl", "https://paw.example.com/", "https://paw.example.com"],
    ["corsOrigins", "https://a.example/, http://localhost/", "https://a.example, http://localhost"],
    ["logLevel", "warn", "WARN"],
    ["acceptMasterToken", "True", "true"],
  ])("%s=%s", (name, text, meant) => {
    const problem = `${name} is ${JSON.stringify(text)}; it must be ${JSON.stringify(meant)}.\n`;
    expect(messageFor({ sessionTtlHours: "0", [name]: text }).indexOf(problem)).toBe(0);
  });

  test.each(["originurl", "OriginUrl", "origin-url", "origin_url"])("%s", (name) => {
    const problem = `"${name}" is not a parameter; it must be "originUrl".\n`;
    expect(messageFor({ unknown: "", [name]: "https://paw.example.com" }).indexOf(problem)).toBe(0);
  });
});

test("all problems are named at once, an unknown parameter with those that exist", () => {
  const names = Object.keys(PARAMETERS).join(", ");
  expect(messageFor({ ttl: 12, sessionTtlHours: 0, logRetentionDays: 2 })).toMatch(
    new RegExp(
      `^"ttl" is not a parameter; it must be one of ${names}\\.\nsession.+\\.\nlogRet.+\\.$`,
    ),
  );
});

describe("not shown is", () => {
  test.each(["masterTokenSecretArn", "apiSecretVersionId", "directSecretVersionId"])(
    "a secret in the place of %s",
    (name) => {
      const value = "8c7e6f0a3b1d4e2f9a5cd4b3c2a1f0e9abcdefabcdefabcd";
      const message = messageFor({ [name]: value });
      expect(message).toContain(`${name} is "8c7e…"; it must be`);
      expect(message).not.toContain(value);
    },
  );

  test("a password in a URL", () => {
    const message = messageFor({ originUrl: "https://user:pass@paw.example.com" });
    expect(message).toContain('originUrl is "https://…@paw.example.com"; it must be');
  });
});

describe("refused together:", () => {
  const inIreland = (arn: string) => arn.replace("eu-central-1", "eu-west-1");
  const DOMAIN = { domainName: "paw.example.com" };
  const itself = (originUrl: string): [object, string] => [
    { originUrl },
    `originUrl is ${originUrl}, a distribution or an API`,
  ];
  test.each<[object, string]>([
    [{ masterTokenSecretArn: ARN, hmacKeySecretArn: ARN }, "are the same secret; they must be two"],
    [{ masterTokenSecretArn: inIreland(ARN) }, "masterTokenSecretArn is in eu-west-1, and the s"],
    [{ hmacKeySecretArn: inIreland(ARN) }, "hmacKeySecretArn is in eu-west-1, and the stack"],
    [{ alarmTopicArn: inIreland(TOPIC) }, "alarmTopicArn is in eu-west-1, and the stack"],
    [{ sessionTtlHours: 25, rotationDays: 2 }, "is 25 with rotationDays 2; it must be at most 24"],
    [{ sessionTtlHours: 720, rotationDays: 30 }, "it must be at most 696"],
    [{ ...ORIGIN, ...DOMAIN }, "domainName is given and certificateArn is not"],
    [{ ...ORIGIN, certificateArn: CERTIFICATE }, "certificateArn is given and domainName is not"],
    [
      { originUrl: "https://PAW.example.com:8443", ...DOMAIN, certificateArn: CERTIFICATE },
      "domainName is paw.example.com, the host of originUrl; it must be another name",
    ],
    itself("https://d111111abcdef8.cloudfront.net"),
    itself("https://a1b2.execute-api.eu-west-1.amazonaws.com"),
    [{ ...DOMAIN, certificateArn: CERTIFICATE }, "domainName is given and originUrl is not"],
    [{ webAclArn: WEB_ACL }, "webAclArn is given and originUrl is not"],
    [{ apiSecretVersionId: UUID }, "apiSecretVersionId is given and originUrl is not"],
    [{ directSecretVersionId: UUID }, "directSecretVersionId is given and originUrl is not"],
    [{ inboundWebhooks: "github" }, "inboundWebhooks is given and originUrl is not"],
  ])("%j", (parameters, message) => {
    expect(messageFor({ ...parameters })).toContain(message);
  });

  test.each(["us-gov-west-1", "cn-north-1", "us-iso-east-1", "eusc-de-east-1"])(
    "originUrl in %s, where the stack has no CloudFront",
    (region) => {
      const message = `originUrl is given and the Region is ${region}; it must be empty there`;
      expect(messageFor(ORIGIN, { region })).toContain(message);
      expect(messageFor({}, { region })).toBe("");
    },
  );
});

test.each(["a".repeat(24), "my_stage", ""])("the stage %j stops the deployment", (stage) => {
  expect(messageFor({}, { stage })).toContain(
    `the stage is "${stage}", of ${stage.length} characters; it must be 1 to 23 letters, digits and hyphens`,
  );
});

test.each<[object, object]>([
  [{ sessionTtlHours: 720, rotationDays: 31 }, {}],
  [{ sessionTtlHours: 720, rotationDays: 0 }, {}],
  [{ sessionTtlHours: 24, rotationDays: 2 }, {}],
  [{}, { stage: "a".repeat(23) }],
])("%j is allowed, deployed as %j", (parameters, deployment) => {
  expect(messageFor({ ...parameters }, deployment)).toBe("");
});
