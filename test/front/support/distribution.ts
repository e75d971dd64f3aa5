/** A cache behavior of the packaged template, as far as the gateway uses it. */
interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods: readonly string[];
  readonly OriginRequestPolicyId: string;
  readonly FunctionAssociations?: readonly { readonly FunctionARN: { "Fn::GetAtt": string[] } }[];
}

export interface DistributionConfig {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
}

/**
 * The first behavior whose path pattern matches, else the default one. Patterns are case-sensitive; `*` stands for any
 * characters and `?` for one. Dot segments are removed before.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 *
 * @param target path and query of a request
 */
export function findBehavior(config: DistributionConfig, target: string): Behavior {
  const path = new URL(`http://localhost${target}`).pathname;
  const matches = ({ PathPattern = "" }: Behavior) => {
    const escaped = PathPattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`).test(path);
  };
  return config.CacheBehaviors.find(matches) ?? config.DefaultCacheBehavior;
}
