// The CloudFront Function in the emulator's CloudFront, which carries no WebSocket: what the function passes on arrives
// at PocketPaw as an HTTP request.
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { nativeToken } from "../support/tokens.ts";
import { accessesWith } from "./support/access-log.ts";
import { deployed } from "./support/deployed.ts";
import { send } from "./support/http.ts";

const host = deployed.outputs.DistributionDomainName ?? "";
const exp = Math.floor(Date.now() / 1000) + 3600;
const cookie = `pocketpaw_session=${nativeToken(deployed.masterToken, exp)}`;
const OF_THE_FUNCTION = { "x-cache": "FunctionGeneratedResponse from cloudfront" };

/** A request of a viewer who speaks https to the distribution. */
function ask(target: string, headers: Record<string, string>) {
  const viewer = { host, "x-forwarded-proto": "https", origin: `https://${host}` };
  return send(deployed.url, target, { headers: { ...viewer, ...headers } });
}

test.each(["/ws", "/v1/ws", "/api/v1/ws"])(
  "on %s the page's request passes, with the parameter resume_session alone",
  async (path) => {
    const mark = randomUUID();
    const query = `token=pp_1&%74oken=pp_2&resume_session=${mark}&a=b`;
    const { headers } = await ask(`GET ${path}?${query}`, { cookie });
    expect(headers["x-cache"]).not.toBe(OF_THE_FUNCTION["x-cache"]);
    const [access = "", ...others] = accessesWith(mark);
    expect(access).toContain(`GET ${path}?resume_session=${mark} HTTP`);
    expect(others).toEqual([]);
  },
);

test.each([
  ["a foreign origin", { cookie, origin: "https://evil.example" }],
  ["an origin of another scheme", { cookie, origin: `http://${host}` }],
  ["no cookie", {}],
  ["an API key in the cookie", { cookie: "pocketpaw_session=pp_1" }],
  ["the master token in the cookie", { cookie: `pocketpaw_session=${deployed.masterToken}` }],
])("%s gets the function's 403", async (_, headers) => {
  const mark = randomUUID();
  const reply = await ask(`GET /ws?resume_session=${mark}`, headers);
  expect(reply.status).toBe(403);
  expect(reply.headers).toMatchObject(OF_THE_FUNCTION);
  expect(accessesWith(mark)).toEqual([]);
});
