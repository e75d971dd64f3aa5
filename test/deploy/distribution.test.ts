import { expect, test } from "vitest";
import { resources } from "../../deploy/distribution.js";
import { check } from "./support.ts";

/**
 * What CloudFront caches whatever the cache policy, and what it caches when the origin sends `max-age`. (412 and 415,
 * which belong to the latter, cannot be configured.)
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 */
const CACHED_BY_DEFAULT = [404, 405, 414, 500, 501, 502, 503, 504];
const CACHED_WITH_MAX_AGE = [400, 403];

test("CloudFront keeps no error: one client's error is no other client's response", async () => {
  const settings = await check({ originUrl: "https://paw.example.com" });
  const { Resources } = await resources({
    options: {},
    resolveVariable: async () => undefined,
    resolveConfigurationProperty: async () => settings,
  });
  const { CustomErrorResponses } = Resources?.Distribution.Properties.DistributionConfig ?? {};
  for (const ErrorCode of [...CACHED_BY_DEFAULT, ...CACHED_WITH_MAX_AGE]) {
    expect(CustomErrorResponses).toContainEqual({ ErrorCode, ErrorCachingMinTTL: 0 });
  }
});
