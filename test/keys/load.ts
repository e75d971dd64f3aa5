import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Container } from "../support/container.ts";
import { bearer, httpApi2 } from "../support/events.ts";

/** A session token, and which of the keys signed it: 0 is the first. */
export interface IssuedToken {
  readonly token: string;
  readonly key: number;
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

/** When a rotation ran, `performance.now()`. */
export interface Rotation {
  readonly beganAt: number;
  readonly endedAt: number;
}

export interface LoadRun {
  readonly outcomes: readonly Outcome[];
  readonly rotations: readonly Rotation[];
  readonly freshSeconds: number;
}

/**
 * The right result of a request. A key is current or previous until the rotation after the next
 * one begins, and is neither to any container once that has ended and FRESH seconds have passed.
 */
function isWrong({ issued, sentAt, respondedAt, result }: Outcome, run: LoadRun): boolean {
  const ends = run.rotations[issued.key + 1];
  if (result === "failed") return true;
  if (result === "refused") return ends === undefined || respondedAt < ends.beganAt;
  return ends !== undefined && sentAt > ends.endedAt + run.freshSeconds * 1000;
}

/** Prints the figures; true when every result is right, and enough was seen. */
export function report(run: LoadRun): boolean {
  const figures = [1, 2, 3].map((key) => {
    const mine = run.outcomes.filter(({ issued }) => issued.key === key - 1);
    const count = (wanted: Outcome["result"]) =>
      mine.filter(({ result }) => result === wanted).length;
    const results = { accepted: count("accepted"), refused: count("refused") };
    return { key, ...results, wrong: mine.filter((outcome) => isWrong(outcome, run)).length };
  });
  console.table(figures);
  const latencies = run.outcomes.map(({ sentAt, respondedAt }) => respondedAt - sentAt);
  console.log(`${latencies.length} requests, the longest ${Math.max(...latencies).toFixed()} ms`);
  const [first, second, third] = figures;
  if (!first?.refused) console.error("no token of the first key was refused");
  if (!second?.accepted || !third?.accepted) console.error("not all three keys were tried");
  return (
    figures.every(({ wrong }) => wrong === 0) &&
    Boolean(first?.accepted && first.refused && second?.accepted && third?.accepted)
  );
}
