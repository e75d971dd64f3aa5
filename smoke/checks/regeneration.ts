import { setTimeout } from "node:timers/promises";
import { type Check, judge } from "../check.ts";
import { jsonOf, type Reply } from "../client.ts";
import { FOREIGN_ORIGIN, type Gateway, sessionIn } from "../gateway.ts";

const REGENERATE = "POST /api/token/regenerate";
const PAUSE_MILLISECONDS = 2_000;

export const notRegenerated: Check = {
  name: "regeneration",
  claim: "regeneration ends every session",
  advice: "",
  run: async () => ({
    verdict: "not applicable",
    why: "only with --regenerate, because it ends every session",
  }),
};

/**
 * @param limitMilliseconds how long sessions may outlive the regeneration
 */
export function regeneration(limitMilliseconds: number): Check {
  return {
    name: "regeneration",
    claim: "regeneration replaces the master token, and within a minute every session has ended",
    advice:
      "see docs/operations.md; the newest master token is in the secret of the output MasterTokenSecretArn",
    async run(gateway) {
      const { send, session, cookie, masterToken } = gateway;
      const crossOrigin = await send(REGENERATE, { headers: { cookie, origin: FOREIGN_ORIGIN } });
      if (crossOrigin.status !== 403) {
        return judge([`from another origin, with the cookie, it responded ${crossOrigin.status}`]);
      }
      const reply = await send(REGENERATE, { headers: bearer(session.token) });
      const newToken = jsonOf(reply)?.token;
      if (reply.status !== 200 || typeof newToken !== "string" || newToken === masterToken) {
        return judge([`it responded ${reply.status}, or without a new token`]);
      }
      const hasChanged = await poll(limitMilliseconds, async () => {
        const [old, exchanged, oldMaster] = await Promise.all([
          send("GET /api/auth/session", { headers: bearer(session.token) }),
          exchange(gateway, newToken),
          exchange(gateway, masterToken),
        ]);
        return {
          "the old session is refused": old.status === 403,
          "the new master token is exchanged": sessionIn(exchanged) !== undefined,
          "the old master token is refused": oldMaster.status === 401,
        };
      });
      return judge(
        Object.entries(hasChanged).map(([what, holds]) => !holds && `not in time: ${what}`),
        "the new master token is in the secret of the output MasterTokenSecretArn",
      );
    },
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function exchange({ send }: Gateway, token: string): Promise<Reply> {
  return send("POST /api/auth/session", { headers: bearer(token) });
}

/** Asks until everything holds, or the time is over. */
async function poll<T extends Record<string, boolean>>(
  limitMilliseconds: number,
  ask: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + limitMilliseconds;
  for (;;) {
    const found = await ask();
    if (Object.values(found).every(Boolean) || performance.now() > deadline) return found;
    await setTimeout(PAUSE_MILLISECONDS);
  }
}
