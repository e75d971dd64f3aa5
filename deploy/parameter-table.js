// @ts-check
import {
  matching,
  optional,
  parseDomainName,
  parseFlag,
  parseOrigins,
  parseOriginUrl,
  parseWebhooks,
  RETENTION_DAYS,
  secretArn,
  wholeNumber,
} from "./parse.js";

const SECRET = "the full ARN of a Secrets Manager secret, or empty for one that the stack makes";
const VERSION_ID =
  "a version id of that secret, as `aws secretsmanager put-secret-value` prints it, or empty for the current one";
/** The form that the AWS CLI and the SDKs give a version. A secret's value, pasted here, does not have it. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The stack's parameters: what is allowed, in words for the operator and as a parser.
 * serverless.yml has their defaults.
 */
export const PARAMETERS = {
  originUrl: parameter(
    "https:// and a DNS name, with or without a port, which is 80, 443 or 1024 to 65535 (http:// only for a loopback host), or empty",
    optional(parseOriginUrl),
  ),
  inboundWebhooks: parameter(
    "names of PocketPaw's inbound webhooks (at most 64 letters, digits, _ and -) separated by commas, or empty",
    parseWebhooks,
  ),
  corsOrigins: parameter(
    "origins such as https://dash.example.com separated by commas, or empty. http:// is allowed only for a loopback host; " +
      "another scheme, such as tauri://, is not allowed, because AWS documents only http and https origins for the CORS of an HTTP API",
    parseOrigins,
  ),
  sessionTtlHours: parameter(
    "a whole number from 1 to 720",
    wholeNumber((value) => value >= 1 && value <= 720),
  ),
  acceptMasterToken: parameter("true or false", parseFlag),
  masterTokenSecretArn: parameter(SECRET, secretArn("MasterToken")),
  hmacKeySecretArn: parameter(SECRET, secretArn("HmacKey")),
  logRetentionDays: parameter(
    `one of ${RETENTION_DAYS.join(", ")}`,
    wholeNumber((value) => RETENTION_DAYS.includes(value)),
  ),
  logLevel: parameter("INFO or WARN", matching(/^(INFO|WARN)$/)),
  rotationDays: parameter(
    "a whole number from 2 to 1000, or 0 for no rotation",
    wholeNumber((value) => value === 0 || (value >= 2 && value <= 1000)),
  ),
  domainName: parameter("a DNS name such as paw.example.com, or empty", optional(parseDomainName)),
  certificateArn: parameter(
    "the ARN of an ACM certificate in us-east-1 (CloudFront uses no other region's), or empty",
    optional(matching(/^arn:aws:acm:us-east-1:[0-9]{12}:certificate\/[0-9a-zA-Z-]{1,64}$/)),
  ),
  webAclArn: parameter(
    "the ARN of a WAF web ACL of scope CLOUDFRONT, which is in us-east-1 (arn:aws:wafv2:us-east-1:…:global/webacl/…), or empty",
    optional(
      matching(/^arn:aws:wafv2:us-east-1:[0-9]{12}:global\/webacl\/[\w-]{1,128}\/[0-9a-f-]{36}$/),
    ),
  ),
  alarmTopicArn: parameter(
    "the ARN of an SNS topic, not FIFO, or empty",
    optional(matching(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$/)),
  ),
  permissionsBoundaryArn: parameter(
    "the ARN of an IAM policy, or empty",
    optional(matching(/^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy\/[\w+=,.@/-]{1,512}$/)),
  ),
  authorizerConcurrency: parameter(
    "a whole number from 1 to 10000, or empty for no reserved concurrency",
    optional(wholeNumber((value) => value >= 1 && value <= 10_000)),
  ),
  apiSecretVersionId: parameter(VERSION_ID, optional(matching(UUID))),
  webSocketSecretVersionId: parameter(VERSION_ID, optional(matching(UUID))),
};

/**
 * @template T
 * @param {string} allowed completes "it must be …"
 * @param {(text: string) => T | undefined} parse
 */
function parameter(allowed, parse) {
  return { allowed, parse };
}
