import type { Response } from "./exchange.ts";

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
 * The response to a CORS preflight, as API Gateway's: 204 for every origin, with CORS headers only for an allowed
 * one. The headers of `corsHeaders` are added to it, as to any response.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function preflightResponse(cors: Cors, origin: string | undefined): Response | undefined {
  if (cors === false) return undefined;
  const headers =
    corsHeaders(cors, origin).length === 0
      ? []
      : [
          ...["access-control-allow-methods", cors.allowedMethods.join(",")],
          ...["access-control-allow-headers", cors.allowedHeaders.join(",")],
          ...["access-control-max-age", String(cors.maxAge)],
        ];
  return { status: 204, headers, body: Buffer.alloc(0) };
}

/** The CORS headers of any response; none for an origin that the settings do not name. */
export function corsHeaders(cors: Cors, origin: string | undefined): string[] {
  if (cors === false || origin === undefined || !cors.allowedOrigins.includes(origin)) return [];
  return [
    ...["access-control-allow-origin", origin],
    ...(cors.allowCredentials ? ["access-control-allow-credentials", "true"] : []),
    ...["access-control-expose-headers", cors.exposedResponseHeaders.join(",")],
    ...["vary", "origin"],
  ];
}
