// The CloudFront Functions in the emulator's CloudFront, which carries no WebSocket: what a function passes on arrives
// at PocketPaw as an HTTP request.
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { DIRECT_PATHS } from "../../deploy/routes.js";
import { sessionToken } from "../support/tokens.ts";
import { accessesWith } from "./support/access-log.ts";
import { deployed } from "./support/deployed.ts";
import { send } from "./support/http.ts";

const host = deployed.outputs.DistributionDomainName ?? "";
const exp = Math.floor(Date.now() / 1000) + 3600;
const token = sessionToken(deployed.masterToken, deployed.hmacKey, exp);
const OF_THE_FUNCTION = "FunctionGeneratedResponse from cloudfront";

/** A request of a viewer who speaks https to the distribution. */
function ask(target: string, headers: Record<string, string> = {}) {
  const viewer = { host, "x-forwarded-proto": "https", origin: `https://${host}` };
  return send(deployed.url, target, { headers: { ...viewer, ...headers } });
}

test.each(DIRECT_PATHS.map((path) => path.replaceAll("*", "x/")))(
  "on %s a request passes with the cookie, without the parameter token, and gets 403 without the cookie",
  async (path) => {
    const mark = randomUUID();
    const target = `GET ${path}?token=pp_1&mark=${mark}`;
    const refused = await ask(target);
    expect([refused.status, refused.headers["x-cache"]]).toEqual([403, OF_THE_FUNCTION]);
    const { headers } = await ask(target, { cookie: `__Host-pocketpaw_session=${token}` });
    expect(headers["x-cache"]).not.toBe(OF_THE_FUNCTION);
    expect(accessesWith(mark)).toEqual([expect.stringContaining(`GET ${path}?mark=${mark} HTTP`)]);
  },
);

test("a link with a token leads to the gateway's page", async () => {
  const { status, headers } = await ask(`GET /?token=${token}`);
  expect([status, headers.location]).toEqual([302, `/gateway#${token}`]);
});
