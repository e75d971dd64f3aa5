import { createSecretKey } from "node:crypto";
import { Logger } from "@aws-lambda-powertools/logger";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { getSecret } from "@aws-lambda-powertools/parameters/secrets";
import middy from "@middy/core";
import { jwtVerify } from "jose";

interface Event {
  headers: { authorization: string };
}

/** An authorizer as it is often written: middy, Powertools, and jose for a JWT. */
const logger = new Logger({ serviceName: "authorizer" });
const metrics = new Metrics({ namespace: "bench", serviceName: "authorizer" });

const read = (id = "") => getSecret(id, { maxAge: 60 });
const { MASTER_TOKEN_SECRET_ID, HMAC_KEY_SECRET_ID } = process.env;
const [, hmacKey] = await Promise.all([read(MASTER_TOKEN_SECRET_ID), read(HMAC_KEY_SECRET_ID)]);
const key = createSecretKey(Buffer.from(String(hmacKey)));

export const handler = middy<Event>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async ({ headers }) => {
    const { payload } = await jwtVerify(headers.authorization.replace("Bearer ", ""), key);
    logger.info("allowed");
    metrics.addMetric("allowed", "Count", 1);
    return { isAuthorized: true, context: { expiresAt: String(payload.exp) } };
  });
