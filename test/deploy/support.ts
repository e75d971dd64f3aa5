import { settings } from "../../deploy/parameters.js";

/** As serverless.yml has them. */
export const DEFAULTS: Readonly<Record<string, string | number | boolean>> = {
  originUrl: "",
  inboundWebhooks: "",
  corsOrigins: "",
  sessionTtlHours: 24,
  acceptMasterToken: true,
  masterTokenSecretArn: "",
  hmacKeySecretArn: "",
  logRetentionDays: 30,
  logLevel: "INFO",
  rotationDays: 30,
  domainName: "",
  certificateArn: "",
  webAclArn: "",
  alarmTopicArn: "",
  permissionsBoundaryArn: "",
  authorizerConcurrency: "",
  apiSecretVersionId: "",
  webSocketSecretVersionId: "",
};

/** The region of the deployments that are checked. */
export const REGION = "eu-central-1";

/**
 * The stack's settings for parameters of the command line.
 *
 * @param stages the key `params` of serverless.yml, when it is not just the defaults
 * @throws Error as the deployment does
 */
export function check(
  parameters: Readonly<Record<string, string | number>>,
  stages: Record<string, Record<string, unknown>> = { default: DEFAULTS },
) {
  const found: Record<string, unknown> = {
    ...stages.default,
    ...stages.dev,
    ...parameters,
  };
  return settings({
    options: { param: Object.entries(parameters).map(([name, value]) => `${name}=${value}`) },
    resolveVariable: async (address) => {
      if (address === "aws:region") return REGION;
      if (address === "sls:stage") return "dev";
      return found[/^param:(\w+), ''$/.exec(address)?.[1] ?? ""];
    },
    resolveConfigurationProperty: async () => stages,
  });
}
