// @ts-check

import { checkedSettings } from "./parameters.js";
import { generatedSecret } from "./secrets.js";

/** The header by which PocketPaw's reverse proxy knows the gateway (examples/). */
export const UPSTREAM_HEADER = "X-Origin-Verify";

/**
 * The secrets that PocketPaw's reverse proxy checks: the HTTP API's allows everything, CloudFront's allows
 * only WebSocket upgrades.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 */
export async function resources(resolvers) {
  const { originUrl } = await checkedSettings(resolvers);
  if (originUrl === null) return {};
  return {
    Resources: {
      ApiUpstreamSecret: generatedSecret("What the HTTP API shows PocketPaw's reverse proxy", 48),
      WebSocketUpstreamSecret: generatedSecret(
        "What CloudFront shows PocketPaw's reverse proxy",
        48,
      ),
    },
    Outputs: {
      ApiUpstreamSecretArn: await exported(resolvers, "ApiUpstreamSecretArn", {
        "Fn::GetAtt": ["ApiUpstreamSecret", "Id"],
      }),
      WebSocketUpstreamSecretArn: await exported(resolvers, "WebSocketUpstreamSecretArn", {
        "Fn::GetAtt": ["WebSocketUpstreamSecret", "Id"],
      }),
    },
  };
}

/**
 * A secret's value, which CloudFormation inserts when it makes or changes the resource, and again only when this text
 * changes: therefore the version id is in it.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 *
 * @param {"ApiUpstreamSecret" | "WebSocketUpstreamSecret"} secret logical id
 * @param {string | null} versionId null: the current version
 */
export function secretValue(secret, versionId) {
  return {
    "Fn::Sub": `{{resolve:secretsmanager:\${${secret}.Id}:SecretString:::${versionId ?? ""}}}`,
  };
}

/**
 * An output that other stacks can import.
 *
 * @param {import("./parameters.js").Resolvers} resolvers
 * @param {string} name
 * @param {unknown} value
 */
export async function exported({ resolveConfigurationProperty }, name, value) {
  const prefix = await resolveConfigurationProperty(["custom", "exports"]);
  return { Value: value, Export: { Name: `${prefix}-${name}` } };
}
