import type { Settings } from "../../deploy/settings.js";
import type { Fields } from "./headers.ts";

/**
 * The CORS headers of any response, and those of a preflight's in addition; none for an origin that the settings do
 * not name. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function corsHeaders(
  cors: Settings["cors"],
  origin: string | undefined,
  isPreflight: boolean,
): Fields {
  if (typeof cors === "boolean" || origin === undefined || !cors.allowedOrigins.includes(origin))
    return {};
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
