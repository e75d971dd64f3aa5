import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { type Check, judge } from "../check.ts";
import type { Reply } from "../client.ts";

const REQUESTS = 10;

/**
 * Ten at once, each on a connection of its own: Lambda starts a new container for each that finds none free. Then
 * ten one after another on one connection.
 */
export const latency: Check = {
  name: "latency",
  claim: `${REQUESTS} requests cold and ${REQUESTS} warm are responded to`,
  advice:
    "429: the throttle or the account's concurrency is too low. 500: the authorizer fails when it starts, or authorizerConcurrency is too low",
  async run({ url, send, session }) {
    const headers = { authorization: `Bearer ${session.token}` };
    const target = "GET /api/auth/session";
    const cold = await Promise.all(
      Array.from({ length: REQUESTS }, () => send(target, { headers })),
    );
    const options = { keepAlive: true, maxSockets: 1 };
    const agent = url.protocol === "https:" ? new TlsAgent(options) : new Agent(options);
    const warm: Reply[] = [];
    try {
      // The first opens the connection.
      await send(target, { headers, agent });
      for (let i = 0; i < REQUESTS; i += 1) warm.push(await send(target, { headers, agent }));
    } finally {
      agent.destroy();
    }
    return judge(
      [...cold, ...warm].map(({ status }) => status !== 200 && `a request got ${status}`),
      `cold ${summary(cold)}; warm ${summary(warm)}`,
    );
  },
};

/** Smallest, median and largest of the times. */
function summary(replies: readonly Reply[]): string {
  const times = replies.map(({ milliseconds }) => Math.round(milliseconds)).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return `${times[0]} to ${times.at(-1)} ms, median ${median} ms`;
}
