import type { Page } from "./markdown.ts";

// Every command that a page tells the reader to run, by what tries it. scripts/check-docs.ts fails on a
// command that is in none of these lists, and on an entry that no page has.

/** Run by scripts/try-commands.ts as they stand; it fails if it leaves one out. */
export const TRIED: readonly string[] = [
  // README.md, in a fresh copy with nothing but Node and npm.
  "npm ci",
  "npm ci && npm start",
  'curl -X POST "http://localhost:8000/api/auth/session" -H "Authorization: Bearer <token>"',
  'curl "http://localhost:8000/api/auth/session" -H "Authorization: Bearer session:1795581001:e8addb1b4bf9e1cac52464b3de3b4d0024402c77ddbe974400f89d37258de16c"',
  // README.md, with PocketPaw.
  "POCKETPAW_LOCALHOST_AUTH_BYPASS=false pocketpaw --host 127.0.0.1 --port 8888",
  "npm start -- --param='originUrl=http://127.0.0.1:8888'",
  // docs/behind-pocketpaw.md.
  "curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8888/api/channels/status",
  "curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8888/",
  // The runbook, with the AWS CLI on the embedded Secrets Manager.
  'curl -X POST "$API/api/token/regenerate" -H "Authorization: Bearer $TOKEN"',
  'TOKEN=$(aws secretsmanager get-secret-value --secret-id "$MASTER" --query SecretString --output text)',
  'curl -i -X POST "$API/api/auth/session" -H "Authorization: Bearer $NEW_TOKEN"',
  'export AWS_ENDPOINT_URL_SECRETS_MANAGER="$(cat .local/secrets-manager-url)"',
  'export AWS_ACCESS_KEY_ID="$(cat .local/secrets-manager-access-key-id)"',
  "export AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1",
  "aws secretsmanager get-secret-value --secret-id pocketpaw/master-token",
  "aws secretsmanager describe-secret --secret-id pocketpaw/hmac-key",
  'aws secretsmanager rotate-secret --secret-id "$HMAC"',
  'aws secretsmanager get-secret-value --secret-id "$MASTER" --query SecretString --output text',
  'aws secretsmanager put-secret-value --secret-id "$HMAC" --secret-string "$(aws secretsmanager get-random-password --password-length 64 --exclude-punctuation --query RandomPassword --output text)"',
  'aws secretsmanager list-secret-version-ids --secret-id "$HMAC" --query "Versions[?contains(VersionStages, \'AWSPENDING\')]"',
  'aws secretsmanager update-secret-version-stage --secret-id "$HMAC" --version-stage AWSPENDING --remove-from-version-id <VersionId>',
  'aws secretsmanager put-secret-value --secret-id "$MASTER" --secret-string "<token>"',
  'aws secretsmanager get-secret-value --secret-id "$MASTER" --version-stage REGENERATED --query SecretString --output text',
  // docs/behind-pocketpaw.md, with the laptop's gateway instead of https://paw.example.com.
  "curl -s -o /dev/null -w '%{http_code}\\n' https://paw.example.com/",
  "curl https://paw.example.com/healthz",
  'curl -i -X POST "https://paw.example.com/api/auth/session" -H "Authorization: Bearer $(cat ~/.pocketpaw/access_token)"',
  'aws secretsmanager put-secret-value --secret-id <MasterTokenSecretArn> --secret-string "$(cat ~/.pocketpaw/access_token)"',
  'COOKIE=$(curl -s -D - -o /dev/null https://paw.example.com/api/auth/login -d "{\\"token\\": \\"$MASTER_TOKEN\\"}" | sed -n \'s/^[Ss]et-[Cc]ookie: \\(pocketpaw_session=[^;]*\\).*/\\1/p\')',
  "NEW=$(aws secretsmanager get-random-password --password-length 48 --exclude-punctuation --query RandomPassword --output text)",
  'aws secretsmanager put-secret-value --secret-id <ApiUpstreamSecretArn> --secret-string "$NEW" --query VersionId --output text',
  // Packaged instead of deployed: the parameters are checked.
  "npx serverless deploy --stage prod",
  "npx serverless deploy --stage prod --param='originUrl=https://pocketpaw-origin.example.com' --param='domainName=paw.example.com' --param='certificateArn=<CertificateArn>'",
  "npx serverless deploy --stage prod --param='apiSecretVersionId=<version id>'",
  "npx serverless deploy --stage prod --param='originUrl=https://pocketpaw-origin.example.com' --param='logLevel=WARN'",
  'curl "$API/api/v1/auth/api-keys" -H "Authorization: Bearer $TOKEN"',
  'curl -X DELETE "$API/api/v1/auth/api-keys/<id>" -H "Authorization: Bearer $TOKEN"',
];

/** Run by another part of .ci/run, or by a test. */
export const BY_CI: Readonly<Record<string, string>> = {
  "npm ci && npm test": ".ci/run unit",
  "npm run check": ".ci/run check",
  "npm test": ".ci/run unit",
  "npm run smoke -- https://paw.example.com": "test/smoke, test/offline, test/dashboard",
  "npm run smoke -- https://paw.example.com --regenerate": "test/smoke, test/dashboard",
  "pip install pocketpaw==0.4.18": "test/deployed/requirements.txt has the same version",
};

const ACCOUNT = "needs an AWS account; test:deployed and test:examples deploy to an emulator";
const SERVER = "for PocketPaw's server; test:front runs the same configurations";
const DEPLOYED = "needs a deployed stack; the tests send the same requests";

/** Not run here, and why. `bash -n` checks them. */
export const NOT_RUN: readonly (readonly [string, string])[] = [
  ["npx serverless info --stage prod --verbose", ACCOUNT],
  ["npx serverless remove --stage prod", ACCOUNT],
  ["aws sts get-caller-identity", ACCOUNT],
  [
    "aws acm request-certificate --region us-east-1 --domain-name paw.example.com --validation-method DNS",
    ACCOUNT,
  ],
  [
    "aws acm describe-certificate --region us-east-1 --certificate-arn <CertificateArn> --query 'Certificate.DomainValidationOptions[].ResourceRecord'",
    ACCOUNT,
  ],
  [
    "aws acm describe-certificate --region us-east-1 --certificate-arn <CertificateArn> --query Certificate.Status",
    ACCOUNT,
  ],
  [
    "aws cloudfront list-distributions --query \"DistributionList.Items[?DomainName=='<DistributionDomainName>'].Status\" --output text",
    ACCOUNT,
  ],
  ["aws cloudformation list-imports --export-name <stack>-AuthorizerFunctionArn", ACCOUNT],
  [
    "aws cloudformation list-imports --export-name pocketpaw-session-gateway-prod-AuthorizerFunctionArn",
    ACCOUNT,
  ],
  [
    'aws logs filter-log-events --log-group-name "$GROUP" --filter-pattern \'{ $.event = "secret_read" }\' --start-time $(( ($(date +%s) - 900) * 1000 ))',
    ACCOUNT,
  ],
  [
    'aws secretsmanager delete-secret --secret-id "$HMAC" --recovery-window-in-days 30',
    "the embedded Secrets Manager deletes nothing",
  ],
  ["npx cdk bootstrap", ACCOUNT],
  ["npx cdk deploy --context gateway=pocketpaw-session-gateway-prod", ACCOUNT],
  [
    "sam deploy --stack-name my-reports --resolve-s3 --capabilities CAPABILITY_IAM --parameter-overrides Gateway=pocketpaw-session-gateway-prod",
    ACCOUNT,
  ],
  ["npx serverless deploy --stage prod --config own-api.yml", ACCOUNT],
  ["npm install", "in a copy of examples/serverless; test:examples uses this project's packages"],
  ['curl --header "Authorization: Bearer <session token>" <HttpApiUrl>/reports', DEPLOYED],
  ['curl --header "Authorization: Bearer <session token>" <ReportsUrl>', DEPLOYED],
  ['curl --header "Authorization: Bearer <session token>" <endpoint>/reports', DEPLOYED],
  ["curl -s -o /dev/null -w '%{http_code}\\n' https://pocketpaw-origin.example.com/", DEPLOYED],
  ["curl -i https://pocketpaw-origin.example.com/", DEPLOYED],
  ['curl -i -H "X-Origin-Verify: <API\'s secret>" https://pocketpaw-origin.example.com/', DEPLOYED],
  [
    'npx wscat --connect wss://paw.example.com/ws --header "Cookie: $COOKIE" --header "Origin: https://paw.example.com"',
    "interactive; test:dashboard and test:front connect with the same headers",
  ],
  [
    "aws secretsmanager get-secret-value --query SecretString --output text --secret-id <ApiUpstreamSecretArn>",
    ACCOUNT,
  ],
  [
    "aws secretsmanager get-secret-value --query SecretString --output text --secret-id <WebSocketUpstreamSecretArn>",
    ACCOUNT,
  ],
  [
    "POCKETPAW_ACCESS_TOKEN=$(aws secretsmanager get-secret-value --secret-id <MasterTokenSecretArn> --query SecretString --output text) npm run smoke -- https://paw.example.com",
    ACCOUNT,
  ],
  ["cat ~/.pocketpaw/oauth_tokens.json", SERVER],
  ["rm ~/.pocketpaw/oauth_tokens.json", SERVER],
  ["apt-get install nginx certbot", SERVER],
  ["certbot certonly --standalone -d pocketpaw-origin.example.com", SERVER],
  ["install -m 644 nginx/pocketpaw.conf /etc/nginx/conf.d/", SERVER],
  ["install -m 600 nginx/pocketpaw-secrets.map /etc/nginx/", SERVER],
  ["editor /etc/nginx/pocketpaw-secrets.map", SERVER],
  ["nginx -t && systemctl restart nginx", SERVER],
  ["apt-get install caddy", SERVER],
  ["install -m 644 caddy/Caddyfile /etc/caddy/", SERVER],
  ["install -m 640 -g caddy caddy/pocketpaw-secrets /etc/caddy/", SERVER],
  ["editor /etc/caddy/pocketpaw-secrets", SERVER],
  ["caddy validate --config /etc/caddy/Caddyfile && systemctl restart caddy", SERVER],
];

/** A command without comment and continuation, in one line. */
export function commandsOf(page: Page): string[] {
  const blocks = page.blocks.filter(({ language }) => language === "bash");
  const inBlocks = blocks.flatMap(({ text }) => text.replace(/\s*\\\n\s*/g, " ").split("\n"));
  const inline = page.code.filter((code) => /^(aws|curl|npx|pip|sam|cat|rm|apt-get) \S/.test(code));
  return [...inBlocks, ...inline]
    .map((line) =>
      line
        .replace(/(^|\s+)#\s.*$/, "")
        .replace(/\s+/g, " ")
        .trim(),
    )
    .filter((line) => line !== "" && !/^[A-Z]+=[^$ ]*$/.test(line));
}
