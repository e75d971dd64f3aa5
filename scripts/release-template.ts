import { readFileSync } from "node:fs";

// `tsx scripts/release-template.ts .serverless/cloudformation-template-update-stack.json` prints the template of a
// release, for .github/workflows/release.yml: it deploys without the Serverless Framework.

interface Template {
  Description?: string;
  Parameters?: Record<string, object>;
  Resources: Record<string, { Type: string; Properties?: { Code?: object } }>;
  Outputs: Record<string, object>;
}

const PARAMETERS = {
  CodeBucket: {
    Type: "String",
    Description:
      "The S3 bucket, in the stack's Region, that holds the functions' zips of this release.",
  },
  CodePrefix: {
    Type: "String",
    Default: "",
    // CloudFormation updates no function whose code has the same key as before.
    Description:
      "What stands before the zips' names in the bucket, such as v0.2.0/; another one for each release.",
  },
};

/**
 * The packaged template with the functions' code in a bucket of the operator's choice, and without the bucket that
 * the framework deploys through.
 *
 * @param packaged what `serverless package` writes as cloudformation-template-update-stack.json
 */
export function releaseTemplate(packaged: Template): Template {
  const kept = Object.entries(packaged.Resources).filter(
    ([id]) => !id.startsWith("ServerlessDeploymentBucket"),
  );
  const resources = kept.map(([id, resource]) => {
    const { S3Key: key } = (resource.Properties?.Code ?? {}) as { S3Key?: string };
    if (key === undefined) return [id, resource];
    const zip = key.slice(key.lastIndexOf("/") + 1);
    const Code = { S3Bucket: { Ref: "CodeBucket" }, S3Key: { "Fn::Sub": `\${CodePrefix}${zip}` } };
    return [id, { ...resource, Properties: { ...resource.Properties, Code } }];
  });
  const { ServerlessDeploymentBucketName: _, ...Outputs } = packaged.Outputs;
  return { ...packaged, Parameters: PARAMETERS, Resources: Object.fromEntries(resources), Outputs };
}

if (process.argv[1] === import.meta.filename) {
  const packaged = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
  process.stdout.write(`${JSON.stringify(releaseTemplate(packaged), null, 2)}\n`);
}
