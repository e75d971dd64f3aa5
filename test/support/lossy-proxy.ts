import { onTestFinished } from "vitest";
import { startFaultyEndpoint } from "./faulty-endpoint.ts";

/**
 * A proxy in front of a Secrets Manager that loses the response to one request: the request is carried out, and the
 * connection ends. It ends with the test.
 *
 * @param lostAt the request's number, from 1
 * @returns its URL
 */
export async function startLossyProxy(target: string, lostAt: number): Promise<string> {
  const endpoint = await startFaultyEndpoint(target);
  onTestFinished(() => endpoint.close());
  endpoint.fault = (response, body, status) =>
    endpoint.requests === lostAt ? response.destroy() : response.writeHead(status).end(body);
  return endpoint.url;
}
