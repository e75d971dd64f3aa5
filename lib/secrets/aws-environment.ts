import type { Environment } from "../config.ts";

/** What Lambda gives a function to call Secrets Manager with. */
export interface AwsEnvironment {
  readonly region: string;
  /** The root of Secrets Manager's API. */
  readonly endpoint: URL;
  /** The credentials of the function's role. Rejects, naming the variable, when there are none. */
  readonly credentials: () => Promise<Credentials>;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Reads Lambda's own variables, and those by which any SDK is told of another endpoint:
 * AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
 * AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT. The endpoint is the SDK's own, except that a configured
 * one wins over FIPS and dual stack, a pair that the SDK refuses.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
 *
 * @throws Error naming a variable that is missing or that holds no URL
 */
export function readAwsEnvironment(environment: Environment = process.env): AwsEnvironment {
  const region = required(environment, "AWS_REGION");
  return {
    region,
    endpoint: configuredEndpoint(environment) ?? regionalEndpoint(environment, region),
    credentials: async () => {
      const sessionToken = environment.AWS_SESSION_TOKEN;
      return {
        accessKeyId: required(environment, "AWS_ACCESS_KEY_ID"),
        secretAccessKey: required(environment, "AWS_SECRET_ACCESS_KEY"),
        ...(sessionToken && { sessionToken }),
      };
    },
  };
}

function required(environment: Environment, variable: string): string {
  const value = environment[variable];
  if (!value) throw new Error(`${variable} is not set; on AWS, Lambda sets it`);
  return value;
}

function configuredEndpoint(environment: Environment): URL | undefined {
  if (environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true") return undefined;
  for (const variable of ["AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"]) {
    const text = environment[variable];
    if (!text) continue;
    if (!URL.canParse(text))
      throw new Error(`${variable} is ${JSON.stringify(text)}; it must be a URL`);
    return new URL(text);
  }
  return undefined;
}

/**
 * DNS suffix, and that of the dual-stack endpoints, by the first part of a Region's name. In the partitions `aws`
 * and `aws-us-gov` the ordinary endpoints are dual-stack endpoints already, and in `aws-cn` those without FIPS.
 * https://docs.aws.amazon.com/general/latest/gr/asm.html
 */
const SUFFIXES: Readonly<Record<string, readonly [string, string]>> = {
  cn: ["amazonaws.com.cn", "api.amazonwebservices.com.cn"],
  eusc: ["amazonaws.eu", "api.amazonwebservices.eu"],
  "us-iso": ["c2s.ic.gov", "api.aws.ic.gov"],
  "us-isob": ["sc2s.sgov.gov", "api.aws.scloud"],
  "us-isof": ["csp.hci.ic.gov", "api.aws.hci.ic.gov"],
  "eu-isoe": ["cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"],
};
const OTHER_SUFFIXES = ["amazonaws.com", "amazonaws.com"] as const;

// Not by the SDK's own table: the modules that it comes with are a twentieth of a cold start.
function regionalEndpoint(environment: Environment, region: string): URL {
  const partition = /^(cn|eusc|(us|eu)-iso[a-z]?)(?=-)/.exec(region)?.[0] ?? "";
  const [ordinary, dualStack] = SUFFIXES[partition] ?? OTHER_SUFFIXES;
  const isFips = environment.AWS_USE_FIPS_ENDPOINT === "true";
  const isDualStack =
    environment.AWS_USE_DUALSTACK_ENDPOINT === "true" && (isFips || partition !== "cn");
  const service = isFips ? "secretsmanager-fips" : "secretsmanager";
  return new URL(`https://${service}.${region}.${isDualStack ? dualStack : ordinary}`);
}
