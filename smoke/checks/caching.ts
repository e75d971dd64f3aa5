import { randomUUID } from "node:crypto";
import { type Check, judge } from "../check.ts";

const PAIRS = 5;

export const noSharing: Check = {
  name: "no-sharing",
  claim: "no client gets the response to another client's request, neither a success nor an error",
  advice: "take the gateway offline: a cache in front of it keeps responses, or merges requests",
  async run({ send, session, hasPocketPaw }) {
    const headers = { authorization: `Bearer ${session.token}` };
    const same = "GET /api/auth/session";
    const atOnce = Array.from({ length: PAIRS }, () =>
      Promise.all([send(same, { headers }), send(same)]),
    );
    const pairs = await Promise.all(atOnce);
    // PocketPaw has no such route. CloudFront caches 404 and 5xx if it is not told otherwise.
    const unknown = `GET /api/smoke-test/${randomUUID()}`;
    const [first, second, third] = hasPocketPaw
      ? [await send(unknown, { headers }), await send(unknown), await send(unknown, { headers })]
      : [];
    return judge([
      ...pairs.flatMap(([allowed, refused]) => [
        allowed.status !== 200 && `at once: ${allowed.status} with the credential`,
        refused.status !== 403 && `at once: ${refused.status} without a credential`,
      ]),
      first?.status === 403 && "an error, with the credential: 403",
      second !== undefined &&
        second.status !== 403 &&
        `after it, without a credential: ${second.status}`,
      third?.status === 403 && "after that, with the credential: 403",
    ]);
  },
};
