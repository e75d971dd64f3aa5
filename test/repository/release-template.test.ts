import { expect, test } from "vitest";
import { releaseTemplate } from "../../scripts/release-template.ts";

test("the template of a release takes the functions' zips from a bucket of the operator's", () => {
  const bucket = { Ref: "ServerlessDeploymentBucket" };
  const properties = {
    Role: "r",
    Code: { S3Bucket: bucket, S3Key: "serverless/a/prod/1-2026/qr.zip" },
  };
  const Topic = { Type: "AWS::SNS::Topic" };
  const { Parameters, Resources, Outputs } = releaseTemplate({
    Resources: {
      ServerlessDeploymentBucket: { Type: "AWS::S3::Bucket" },
      ServerlessDeploymentBucketPolicy: { Type: "AWS::S3::BucketPolicy" },
      QrLambdaFunction: { Type: "AWS::Lambda::Function", Properties: properties },
      Topic,
    },
    Outputs: { ServerlessDeploymentBucketName: { Value: bucket }, HttpApiUrl: {} },
  });
  const Code = {
    S3Bucket: { Ref: "CodeBucket" },
    S3Key: { "Fn::Sub": expect.stringMatching(/^\$\{CodePrefix\}qr\.zip$/) },
  };
  const QrLambdaFunction = { Type: "AWS::Lambda::Function", Properties: { Role: "r", Code } };
  expect(Resources).toEqual({ QrLambdaFunction, Topic });
  expect(Outputs).toEqual({ HttpApiUrl: {} });
  expect(Object.keys(Parameters ?? {})).toEqual(["CodeBucket", "CodePrefix"]);
});
