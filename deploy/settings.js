// @ts-check
import { API_METHODS } from "./routes.js";

/** @typedef {ReturnType<typeof settingsFrom>} Settings */

/**
 * The settings of the stack that follow from its parameters: `null` is one that is not set.
 *
 * @param {import("./parameters.js").Values} values
 * @param {import("./check.js").Deployment} deployment
 */
export function settingsFrom({ corsOrigins, ...values }, { service, stage }) {
  const hasPocketPaw = values.originUrl !== null;
  const { domainName } = values;
  // Where browsers find the gateway.
  const own = { "Fn::Sub": `https://\${Distribution.DomainName}` };
  const publicUrl = domainName === null ? own : `https://${domainName}`;
  return {
    ...values,
    stage,
    stackName: `${service}-${stage}`,
    cors: cors(corsOrigins),
    allowedOrigins: corsOrigins.length === 0 ? null : corsOrigins.join(","),
    hasPocketPaw,
    publicUrl: hasPocketPaw ? publicUrl : null,
    upstreamSecretId: hasPocketPaw ? { "Fn::GetAtt": ["ApiUpstreamSecret", "Id"] } : null,
  };
}

/** @param {string[]} allowedOrigins of the CORS of the HTTP API; false: none */
function cors(allowedOrigins) {
  if (allowedOrigins.length === 0) return false;
  return {
    allowedOrigins,
    // For the cookie. Therefore each origin is named, and `*` is not allowed.
    allowCredentials: true,
    allowedHeaders: [
      ...["accept", "authorization", "cache-control", "content-type", "idempotency-key"],
      ...["last-event-id", "x-requested-with"],
      // https://www.w3.org/TR/trace-context/, https://www.w3.org/TR/baggage/, and Sentry's own.
      ...["baggage", "sentry-trace", "traceparent", "tracestate"],
    ],
    allowedMethods: [...API_METHODS],
    // API Gateway may rename the challenge.
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    exposedResponseHeaders: ["retry-after", "www-authenticate", "x-amzn-remapped-www-authenticate"],
    maxAge: 600,
  };
}
