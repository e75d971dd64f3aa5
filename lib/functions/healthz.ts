import { type HttpResponse, jsonResponse } from "../http/response.ts";

/** `GET` and `HEAD /healthz`, without a credential: the gateway is up. It reads no secret. */
export async function healthz(): Promise<HttpResponse> {
  return jsonResponse(200, { ok: true });
}
