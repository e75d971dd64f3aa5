import { setTimeout as sleep } from "node:timers/promises";
import { functionOf, type Product } from "../bundles.ts";
import { type Container, eventWith, startContainer } from "../container.ts";
import type { Options } from "../options.ts";
import type { Section } from "../report.ts";
import { quantile } from "../statistics.ts";
import { forged, GOOD } from "../tokens.ts";

/** So slow that a request that waits for it can be told from one that the machine held up. */
const SLOW_MILLISECONDS = 400;
/** DESIGN.md section 7: the default. */
const COOLDOWN_SECONDS = 5;

/** How a container lives. */
interface Condition {
  readonly name: string;
  readonly perSecond: number;
  readonly freshSeconds: number;
  /** Whether the process is stopped (SIGSTOP) between two requests, as Lambda freezes a container. */
  readonly freezes?: boolean;
}
const CONDITIONS: readonly Condition[] = [
  { name: "busy", perSecond: 50, freshSeconds: 2 },
  { name: "frozen between requests", perSecond: 5, freshSeconds: 8, freezes: true },
];

/** What requests wait around refreshes of the secrets, and how often a flood of forgeries causes one. */
export async function measureRefresh(
  { refreshSeconds: [goodSeconds, forgedSeconds] }: Options,
  product: Product,
): Promise<Section> {
  const { secretsManager } = product;
  const table = [["", "p50, ms", "slowest, ms", "reads of a secret", "requests that waited"]];
  let waitedInAll = 0;
  const { responseMilliseconds } = secretsManager;
  secretsManager.responseMilliseconds = SLOW_MILLISECONDS;
  for (const condition of CONDITIONS) {
    const container = await startContainer(functionOf(product, "authorizer"), secretsManager, {
      SECRETS_FRESH_SECONDS: String(condition.freshSeconds),
    });
    await container.invoke(eventWith(GOOD));
    const before = secretsManager.reads.length;
    const latencies = await callSteadily(container, condition, goodSeconds, () => GOOD);
    await container.stop();
    const waited = latencies.filter((ms) => ms > SLOW_MILLISECONDS * 0.8).length;
    waitedInAll += waited;
    const [median = 0, slowest = 0] = [0.5, 1].map((share) => quantile(latencies, share));
    const reads = (secretsManager.reads.length - before) / 2;
    table.push([condition.name, median.toFixed(1), slowest.toFixed(1), `${reads}`, `${waited}`]);
  }
  secretsManager.responseMilliseconds = responseMilliseconds;

  const container = await startContainer(functionOf(product, "authorizer"), secretsManager);
  const before = secretsManager.reads.length;
  const flood = { name: "", perSecond: 200, freshSeconds: 60 };
  let number = 0;
  await callSteadily(container, flood, forgedSeconds, () => forged(number++));
  await container.stop();
  const counts = Map.groupBy(secretsManager.reads.slice(before), (read) => read);
  const most = Math.max(...[...counts.values()].map(({ length }) => length));
  const allowed = 2 + Math.ceil((forgedSeconds + 1) / COOLDOWN_SECONDS);
  return {
    title: "refresh of the secrets",
    meaning: `No request waits while a busy container reads the secrets again, and a flood of wrong tokens makes it read each secret about every ${COOLDOWN_SECONDS} s only.`,
    method: `The authorizer, good tokens for ${goodSeconds} s in each condition (50 and 5 a second; secrets are fresh for 2 and 8 s), with a Secrets Manager that takes ${SLOW_MILLISECONDS} ms, so that a request that waits for it shows. Then 200 forgeries a second for ${forgedSeconds} s, with the default settings: it read one secret ${most} times.`,
    table,
    targets: [
      {
        measure: "requests of a busy container that wait for a refresh",
        toReach: "none",
        measured: String(waitedInAll),
        reached: waitedInAll === 0,
      },
      {
        measure: "reads of a secret in a flood of forgeries",
        toReach: `at most ${allowed}: two at once, and one for each ${COOLDOWN_SECONDS} s`,
        measured: String(most),
        reached: most <= allowed,
      },
    ],
  };
}

/** Sends one request after the other. @returns milliseconds that each took */
async function callSteadily(
  { invoke, pid }: Container,
  { perSecond, freezes }: Condition,
  seconds: number,
  token: () => string,
): Promise<number[]> {
  const latencies: number[] = [];
  // A second for V8 to optimize what is hot, before anything counts.
  const start = performance.now() + 1000;
  for (let tick = -perSecond; performance.now() < start + seconds * 1000; tick++) {
    await sleep(Math.max(0, start + (tick * 1000) / perSecond - performance.now()));
    if (freezes) process.kill(pid, "SIGCONT");
    const begun = performance.now();
    await invoke(eventWith(token()));
    if (tick >= 0) latencies.push(performance.now() - begun);
    if (freezes) process.kill(pid, "SIGSTOP");
  }
  return latencies;
}
