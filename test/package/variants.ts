import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const UUID = "1b2c3d4e-0000-4000-8000-000000000000";
const ORIGIN = { originUrl: "https://pocketpaw-origin.example.com" };
const ACCOUNT = "us-east-1:123456789012";

export interface Variant {
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  readonly stage?: string;
  readonly region?: string;
}

export const ALL_PARAMETERS = {
  ...ORIGIN,
  inboundWebhooks: "github,alerts",
  corsOrigins: "https://dash.example.com,http://localhost:5173",
  sessionTtlHours: 720,
  acceptMasterToken: false,
  masterTokenSecretArn: `arn:aws:secretsmanager:${ACCOUNT}:secret:paw/master-AbCdEf`,
  hmacKeySecretArn: `arn:aws:secretsmanager:${ACCOUNT}:secret:paw/key-AbCdEf`,
  logRetentionDays: 365,
  logLevel: "WARN",
  rotationDays: 31,
  domainName: "paw.example.com",
  certificateArn: `arn:aws:acm:${ACCOUNT}:certificate/${UUID}`,
  webAclArn: `arn:aws:wafv2:${ACCOUNT}:global/webacl/paw/${UUID}`,
  alarmTopicArn: `arn:aws:sns:${ACCOUNT}:alarms`,
  permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
  authorizerConcurrency: 20,
  apiSecretVersionId: "1b2c3d4e-0000-4000-8000-000000000001",
  directSecretVersionId: "1b2c3d4e-0000-4000-8000-000000000002",
};

/** What an operator may deploy. */
export const VARIANTS = {
  plain: { parameters: {} },
  originUrl: { parameters: { originUrl: `${ORIGIN.originUrl}:8443` } },
  "all parameters": { parameters: ALL_PARAMETERS },
  // Of the Regions' names none is longer.
  "the longest stage and Region": {
    parameters: { ...ORIGIN, rotationDays: 0 },
    stage: "a".repeat(23),
    region: "ap-southeast-1",
  },
  "another partition": { parameters: { rotationDays: 0 }, region: "us-gov-west-1" },
} satisfies Readonly<Record<string, Variant>>;

export interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }
    >
  >;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

/**
 * Packages a variant in a checkout, as `npm run package` does.
 *
 * @param directory of the checkout
 * @returns the paths of the templates that go to CloudFormation: the one that makes the stack's bucket, and the whole
 */
export function packageVariant(directory: string, name: string, variant: Variant): string[] {
  const output = join(directory, ".packaged", name);
  mkdirSync(output, { recursive: true });
  const { parameters, stage = "dev", region = "us-east-1" } = variant;
  const given = Object.entries(parameters).map(([key, value]) => `--param=${key}=${value}`);
  const place = ["--stage", stage, "--region", region, "--package", output];
  execFileSync(join(directory, "node_modules/.bin/serverless"), ["package", ...place, ...given], {
    cwd: directory,
    stdio: "pipe",
  });
  return ["create", "update"].map((kind) =>
    join(output, `cloudformation-template-${kind}-stack.json`),
  );
}

/** A template file, parsed. */
export function readTemplate(file = ""): Template {
  return JSON.parse(readFileSync(file, "utf8"));
}
