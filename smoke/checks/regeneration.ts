import { setTimeout } from "node:timers/promises";
import { type Check, judge } from "../check.ts";
import { bearer, jsonOf, sessionCookies } from "../client.ts";
import { EXCHANGE, FOREIGN_ORIGIN, STATUS, sessionOf } from "../gateway.ts";

const REGENERATE = "POST /api/token/regenerate";
const PAUSE_MILLISECONDS = 2_000;

/** @param limitMilliseconds how long sessions may outlive the regeneration */
export const regeneration = (limitMilliseconds: number): Check => ({
  async run({ send, session, cookie, masterToken }) {
    const crossOrigin = await send(REGENERATE, { cookie, origin: FOREIGN_ORIGIN });
    if (crossOrigin.status !== 403) return judge([`from another origin: ${crossOrigin.status}`]);
    const reply = await send(REGENERATE, bearer(session.token));
    const { exp, token = "" } = sessionOf(jsonOf(reply).token) ?? {};
    const atOnce = judge([
      reply.status !== 200 && `it responded ${reply.status}`,
      exp !== session.exp && "the response has no session token with the caller's end",
      token === session.token && "the response has the caller's own token",
      sessionCookies(reply)[0]?.value !== token && "the cookie is not the new session token",
    ]);
    if (atOnce.verdict !== "holds") return atOnce;
    const deadline = performance.now() + limitMilliseconds;
    for (;;) {
      const [renewed, old, oldMaster] = await Promise.all([
        send(STATUS, bearer(token)),
        send(STATUS, bearer(session.token)),
        send(EXCHANGE, bearer(masterToken)),
      ]);
      const finding = judge(
        [
          renewed.status !== 200 && `not in time: the new session gets ${renewed.status}`,
          old.status !== 403 && `not in time: the old session gets ${old.status}`,
          oldMaster.status !== 401 && `not in time: the old master token gets ${oldMaster.status}`,
        ],
        "the new master token is in the secret of the output MasterTokenSecretArn",
      );
      if (finding.verdict === "holds" || performance.now() >= deadline) return finding;
      await setTimeout(PAUSE_MILLISECONDS);
    }
  },
});
