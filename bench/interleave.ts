import type { Samples } from "./statistics.ts";

/** Runs an operation that many times. */
export type Contender = (times: number) => void | Promise<void>;

/** Keeps V8 from seeing that a result is never used. */
export let sink: unknown;

/** A contender that runs a function. */
export function calling(operation: () => unknown): Contender {
  return (times) => {
    for (let i = 0; i < times; i++) sink = operation();
  };
}

/** A contender that runs an asynchronous function, and waits for each call. */
export function awaiting(operation: () => Promise<unknown>): Contender {
  return async (times) => {
    for (let i = 0; i < times; i++) sink = await operation();
  };
}

/**
 * Lets contenders run in turns, in an order that rotates.
 *
 * @param turnMilliseconds about how long a turn is
 * @returns nanoseconds an operation, one sample a round
 */
export async function interleave<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  rounds: number,
  turnMilliseconds = 4,
): Promise<Record<Name, Samples>> {
  const runners = new Map<string, { times: number; samples: number[] }>();
  for (const [name, run] of Object.entries<Contender>(contenders)) {
    runners.set(name, { times: await timesFor(run, turnMilliseconds), samples: [] });
  }
  const order = Object.keys(contenders) as Name[];
  for (let round = 0; round < rounds; round++) {
    for (const name of order) {
      const { times = 1, samples } = runners.get(name) ?? {};
      samples?.push(((await time(contenders[name], times)) / times) * 1e6);
    }
    order.push(...order.splice(0, 1));
  }
  const results = Array.from(runners, ([name, { samples }]) => [name, samples]);
  return Object.fromEntries(results) as Record<Name, Samples>;
}

/** How often the operation runs in one turn, once V8 has optimized it. */
async function timesFor(run: Contender, turnMilliseconds: number): Promise<number> {
  const tries = 2_000;
  await time(run, tries);
  return Math.max(1, Math.round((tries * turnMilliseconds) / (await time(run, tries))));
}

async function time(run: Contender, times: number): Promise<number> {
  const start = performance.now();
  await run(times);
  return performance.now() - start;
}
