import { type Check, judge } from "../check.ts";
import { bearer, type Reply } from "../client.ts";
import { STATUS } from "../gateway.ts";

const REQUESTS = 10;

/** Ten at once: Lambda starts a new container for each that finds none free. Then ten in a row on one connection. */
export const latency: Check = {
  async run({ send, session }) {
    const headers = bearer(session.token);
    const cold = await Promise.all(Array.from({ length: REQUESTS }, () => send(STATUS, headers)));
    const kept = { ...headers, connection: "keep-alive" };
    const warm = [await send(STATUS, kept)]; // opens the connection
    while (warm.length <= REQUESTS) warm.push(await send(STATUS, kept));
    return judge(
      [...cold, ...warm].map(({ status }) => status !== 200 && `a request got ${status}`),
      `cold ${summary(cold)}; warm ${summary(warm.slice(1))}`,
    );
  },
};

/** Smallest, median and largest of the times. */
function summary(replies: readonly Reply[]): string {
  const times = replies.map(({ milliseconds }) => Math.round(milliseconds)).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return `${times[0]} to ${times.at(-1)} ms, median ${median} ms`;
}
