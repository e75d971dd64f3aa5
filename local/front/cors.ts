import type { Fields } from "./headers.ts";

/** The stack's CORS settings (deploy/settings.js), or false for none. */
export type Cors =
  | false
  | {
      readonly allowedOrigins: readonly string[];
      readonly allowCredentials: boolean;
      readonly allowedHeaders: readonly string[];
      readonly allowedMethods: readonly string[];
      readonly exposedResponseHeaders: readonly string[];
      readonly maxAge: number;
    };

/**
 * The CORS headers of any response, and those of a preflight's in addition; none for an origin that the settings do
 * not name. API Gateway responds to every preflight with 204.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function corsHeaders(cors: Cors, origin: string | undefined, isPreflight: boolean): Fields {
  if (cors === false || origin === undefined || !cors.allowedOrigins.includes(origin)) return {};
  return {
    "access-control-allow-origin": [origin],
    ...(cors.allowCredentials && { "access-control-allow-credentials": ["true"] }),
    "access-control-expose-headers": [cors.exposedResponseHeaders.join(",")],
    vary: ["origin"],
    ...(isPreflight && {
      "access-control-allow-methods": [cors.allowedMethods.join(",")],
      "access-control-allow-headers": [cors.allowedHeaders.join(",")],
      "access-control-max-age": [String(cors.maxAge)],
    }),
  };
}
