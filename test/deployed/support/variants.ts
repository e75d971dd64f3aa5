import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Deployment, serverless } from "./stack.ts";

/**
 * What an operator may deploy, by the parameters that he gives. Origin, domain, WAF, topic and boundary are each given
 * and left out, also one without another where the parameters' rules allow it.
 */
export const VARIANTS = {
  "with the defaults": {},
  "with an origin": { originUrl: "https://paw.example.com:8443" },
  "with a domain and a topic": {
    originUrl: "https://paw.example.com",
    domainName: "dash.example.com",
    certificateArn:
      "arn:aws:acm:us-east-1:123456789012:certificate/1b2c3d4e-0000-4000-8000-000000000000",
    alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:alarms",
  },
  "with a WAF and a boundary": {
    originUrl: "https://paw.example.com",
    webAclArn:
      "arn:aws:wafv2:us-east-1:123456789012:global/webacl/paw/1b2c3d4e-0000-4000-8000-000000000000",
    permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
  },
  "with all parameters": {
    originUrl: "https://paw.example.com",
    inboundWebhooks: "github,alerts",
    corsOrigins: "https://dash.example.com",
    sessionTtlHours: 720,
    masterTokenSecretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:paw/master-AbCdEf",
    hmacKeySecretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:paw/key-AbCdEf",
    logRetentionDays: 365,
    logLevel: "WARN",
    rotationDays: 31,
    domainName: "dash.example.com",
    certificateArn:
      "arn:aws:acm:us-east-1:123456789012:certificate/1b2c3d4e-0000-4000-8000-000000000000",
    webAclArn:
      "arn:aws:wafv2:us-east-1:123456789012:global/webacl/paw/1b2c3d4e-0000-4000-8000-000000000000",
    alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:alarms",
    permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
    authorizerConcurrency: 20,
    apiSecretVersionId: "1b2c3d4e-0000-4000-8000-000000000001",
    directSecretVersionId: "1b2c3d4e-0000-4000-8000-000000000002",
  },
  "without rotation": {
    rotationDays: 0,
    alarmTopicArn: "arn:aws:sns:us-east-1:123456789012:alarms",
    permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/boundary",
  },
};

export type Variant = keyof typeof VARIANTS;

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { Value: unknown; Export?: unknown }>>;
}

const PREFIX = "cloudformation-template-";

/**
 * Packages each variant, and keeps the templates that go to CloudFormation in a folder named after
 * it: one that makes the stack's bucket, and one that updates the stack.
 */
export async function packageVariants(
  deployment: Omit<Deployment, "parameters">,
  folder: string,
): Promise<void> {
  for (const [variant, parameters] of Object.entries(VARIANTS)) {
    await serverless("package", { ...deployment, parameters });
    const output = join(deployment.directory, ".serverless");
    mkdirSync(join(folder, variant), { recursive: true });
    for (const name of readdirSync(output).filter((file) => file.startsWith(PREFIX))) {
      copyFileSync(join(output, name), join(folder, variant, name));
    }
  }
}

/** The variant's template files. */
export function templateFiles(folder: string, variant: string): string[] {
  return readdirSync(join(folder, variant)).map((name) => join(folder, variant, name));
}

/** The template of the variant's whole stack. */
export function readTemplate(folder: string, variant: string): Template {
  return JSON.parse(readFileSync(join(folder, variant, `${PREFIX}update-stack.json`), "utf8"));
}
