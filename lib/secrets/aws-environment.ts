import type { Environment } from "../config/settings.ts";

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
 * AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL, AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT.
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
 * DNS suffix, and that of the dual-stack endpoints, by the first part of a region's name. The isolated
 * partitions (`us-iso…`, `eu-isoe…`) are not here: there AWS_ENDPOINT_URL_SECRETS_MANAGER says where.
 */
const SUFFIXES: Readonly<Record<string, readonly [string, string]>> = {
  cn: ["amazonaws.com.cn", "api.amazonwebservices.com.cn"],
  eusc: ["amazonaws.eu", "api.amazonwebservices.eu"],
};
const OTHER_SUFFIXES = ["amazonaws.com", "api.aws"] as const;

// Not by the SDK's own table: the modules that it comes with are a twentieth of a cold start.
function regionalEndpoint(environment: Environment, region: string): URL {
  const [suffix, dualStackSuffix] = SUFFIXES[region.replace(/-.*/, "")] ?? OTHER_SUFFIXES;
  const fips = environment.AWS_USE_FIPS_ENDPOINT === "true" ? "-fips" : "";
  const dualStack = environment.AWS_USE_DUALSTACK_ENDPOINT === "true";
  return new URL(`https://secretsmanager${fips}.${region}.${dualStack ? dualStackSuffix : suffix}`);
}
