import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Container } from "../support/container.ts";
import { bearer, httpApi2 } from "../support/events.ts";

/** A session token, and which of the keys signed it: 0 is the first. */
export interface IssuedToken {
  readonly token: string;
  readonly key: number;
  /** When it was issued, `performance.now()`. */
  readonly issuedAt: number;
}

/** One request to an authorizer. Times are `performance.now()`. */
export interface Outcome {
  readonly issued: IssuedToken;
  readonly sentAt: number;
  readonly respondedAt: number;
  readonly result: "accepted" | "refused" | "failed";
}

export interface LoadOptions {
  readonly authorizers: readonly Container[];
  readonly requestsPerSecond: number;
  readonly seconds: number;
  /** The token of the next request. */
  readonly pick: () => IssuedToken;
}

/**
 * Sends requests at a steady rate, whatever becomes of those before, to the containers in turn. Each
 * runs one at a time, as on Lambda; the others wait, and their time counts from when
 * they were due.
 */
export async function runLoad(options: LoadOptions): Promise<Outcome[]> {
  const { authorizers, requestsPerSecond, seconds, pick } = options;
  const queues = authorizers.map(() => Promise.resolve());
  const outcomes: Outcome[] = [];
  const startedAt = performance.now();

  for (let count = 0; count < requestsPerSecond * seconds; count++) {
    const dueAt = startedAt + (count * 1000) / requestsPerSecond;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    const turn = count % authorizers.length;
    const authorizer = authorizers[turn];
    if (authorizer === undefined) throw new Error("there must be an authorizer");
    const issued = pick();
    queues[turn] = (queues[turn] ?? Promise.resolve()).then(async () => {
      const result = await ask(authorizer, issued.token);
      outcomes.push({ issued, sentAt: dueAt, respondedAt: performance.now(), result });
    });
  }
  await Promise.all(queues);
  return outcomes;
}

async function ask(authorizer: Container, token: string): Promise<Outcome["result"]> {
  try {
    const response = (await authorizer.invoke(httpApi2(bearer(token)))) as {
      isAuthorized: boolean;
    };
    return response.isAuthorized ? "accepted" : "refused";
  } catch {
    return "failed";
  }
}

/** The value that so much of a list is not above: 0.5 is the median. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
