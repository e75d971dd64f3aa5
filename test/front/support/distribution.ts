import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { type Handshake, loadHandshakeRules } from "../../../local/front/web-socket.ts";

/** A cache behavior of the packaged template, as far as the gateway uses it. */
interface Behavior {
  readonly PathPattern?: string;
  readonly TargetOriginId: string;
  readonly AllowedMethods: readonly string[];
  readonly OriginRequestPolicyId: string;
  readonly FunctionAssociations?: readonly { readonly FunctionARN: { "Fn::GetAtt": string[] } }[];
}

export interface Origin {
  readonly Id: string;
  readonly DomainName: string | { readonly "Fn::Sub": string };
  readonly CustomOriginConfig: { readonly HTTPPort?: number };
  readonly OriginCustomHeaders?: readonly { readonly HeaderName: string }[];
}

export interface DistributionConfig {
  readonly DefaultCacheBehavior: Behavior;
  readonly CacheBehaviors: readonly Behavior[];
  readonly Origins: readonly Origin[];
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties: Record<string, unknown> }>>;
}

/** What the distribution does with a request. */
export interface Decision {
  readonly origin: Origin;
  /** false: the behavior does not allow the method, or its function refused the request. */
  readonly isAllowed: boolean;
  /** What the function has made of the request; undefined where the behavior has no function. */
  readonly changed: Handshake | undefined;
}

/** AllViewerExceptHostHeader */
const EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/**
 * The distribution of a packaged template: which behavior a request finds, and what its function says.
 *
 * @param templateFile cloudformation-template-update-stack.json
 * @param directory for the function's code
 */
export function readDistribution(
  templateFile: string,
  directory: string,
): (request: IncomingMessage) => Decision {
  const { Resources }: Template = JSON.parse(readFileSync(templateFile, "utf8"));
  const config = Resources.Distribution?.Properties.DistributionConfig as DistributionConfig;
  const functions = new Map<string, ReturnType<typeof loadHandshakeRules>>();
  const load = (id: string) => {
    const file = join(mkdtempSync(join(directory, "function-")), "function.js");
    writeFileSync(file, String(Resources[id]?.Properties.FunctionCode));
    const rules = loadHandshakeRules(file);
    functions.set(id, rules);
    return rules;
  };
  return (request) => {
    const behavior = findBehavior(config, request.url ?? "/");
    const origin = config.Origins.find(({ Id }) => Id === behavior.TargetOriginId);
    if (origin === undefined || behavior.OriginRequestPolicyId !== EXCEPT_HOST) {
      throw new Error(`The test does not know what to do with ${JSON.stringify(behavior)}`);
    }
    const isAllowed = behavior.AllowedMethods.includes(request.method ?? "");
    const id = behavior.FunctionAssociations?.[0]?.FunctionARN["Fn::GetAtt"][0];
    if (id === undefined) return { origin, isAllowed, changed: undefined };
    const changed = (functions.get(id) ?? load(id))(request);
    return { origin, isAllowed: isAllowed && changed !== undefined, changed };
  };
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
