import { setTimeout as sleep } from "node:timers/promises";
import type { FunctionProcess } from "../../test/support/runtime-api.ts";
import { type Bundle, bundle } from "../bundles.ts";
import { eventWith, goodToken, startContainer } from "../container.ts";
import type { Options } from "../options.ts";
import { CANNOT_LIMIT, limitProcessor, SEVENTH } from "../processor-share.ts";
import type { Section } from "../report.ts";
import type { SecretsManager } from "../secrets-manager.ts";
import { quantile } from "../statistics.ts";
import type { Subject } from "../subject.ts";

const OURS = "authorizer";
/** So slow that a request that waits for it can be told from one that the machine held up. */
const SLOW_MILLISECONDS = 400;

/** How a container lives. */
interface Condition {
  readonly name: string;
  readonly perSecond: number;
  readonly freshSeconds: number;
  /** Whether the process is stopped (SIGSTOP) between two requests, as Lambda freezes a container. */
  readonly freezes?: boolean;
  /** Of a processor. */
  readonly share?: number;
}

const CONDITIONS: readonly Condition[] = [
  { name: "a whole processor", perSecond: 50, freshSeconds: 2 },
  { name: "a seventh of a processor", perSecond: 20, freshSeconds: 4, share: SEVENTH },
  { name: "frozen between requests", perSecond: 5, freshSeconds: 8, freezes: true },
];

/** What requests wait around refreshes of the secrets. */
export async function measureRefresh(
  { refreshSeconds }: Options,
  { product, secretsManager }: Subject,
): Promise<Section> {
  const { authorizer } = product;
  if (authorizer === undefined) throw new Error("the product has no authorizer");
  const bundles = {
    [OURS]: authorizer,
    "Powertools parameters": await bundle("parameters"),
    "middy secrets-manager": await bundle("middy"),
  };
  const table = [
    ["", "", "p50, ms", "p99.9, ms", "slowest, ms", "refreshes", "requests that waited for one"],
  ];
  let waitedOfOurs = 0;
  for (const condition of CONDITIONS) {
    const usual = await callAll(bundles, condition, refreshSeconds, secretsManager);
    const { responseMilliseconds } = secretsManager;
    secretsManager.responseMilliseconds = SLOW_MILLISECONDS;
    const slow = await callAll(bundles, condition, refreshSeconds, secretsManager);
    secretsManager.responseMilliseconds = responseMilliseconds;
    if (usual === undefined || slow === undefined) {
      table.push([condition.name, CANNOT_LIMIT]);
      continue;
    }
    for (const name of Object.keys(bundles)) {
      const latencies = usual[name] ?? [];
      const waited = (slow[name] ?? []).filter((ms) => ms > SLOW_MILLISECONDS * 0.8).length;
      if (name === OURS) waitedOfOurs += waited;
      table.push([
        condition.name,
        name,
        ...[0.5, 0.999, 1].map((share) => quantile(latencies, share).toFixed(1)),
        String(Math.floor(refreshSeconds / condition.freshSeconds)),
        String(waited),
      ]);
    }
  }
  const conditions = CONDITIONS.map(
    ({ name, perSecond, freshSeconds }) =>
      `${name}, ${perSecond} a second, cached for ${freshSeconds} s`,
  ).join("; ");
  return {
    title: "refresh",
    method: `Steady requests to one container each, all at the same time: ${conditions}. Each condition runs twice for ${refreshSeconds} s: once for the latencies, with Secrets Manager as it usually is, and once with a Secrets Manager that takes ${SLOW_MILLISECONDS} ms, so that a request that waits for it shows. The peers read both secrets for each request, with the same cache time, and do nothing else.`,
    table,
    targets: [
      {
        measure: "requests of a busy container that wait for a refresh",
        toReach: "none",
        measured: String(waitedOfOurs),
        reached: waitedOfOurs === 0,
      },
    ],
  };
}

/**
 * Sends each container one request after the other, all containers at the same time.
 *
 * @returns milliseconds that each request took, by the container's name; undefined where the machine
 *   cannot limit a processor
 */
async function callAll(
  bundles: Readonly<Record<string, Bundle>>,
  condition: Condition,
  seconds: number,
  secretsManager: SecretsManager,
): Promise<Record<string, number[]> | undefined> {
  const limits = Object.keys(bundles).map(() => limitProcessor(condition.share ?? 1));
  if (condition.share && limits.includes(undefined)) return undefined;
  const results = await Promise.all(
    Object.entries(bundles).map(async ([name, each], index) => {
      const container = await startContainer(each, secretsManager, {
        SECRETS_FRESH_SECONDS: String(condition.freshSeconds),
      });
      if (condition.share) limits[index]?.add(container.pid);
      const latencies = await callOne(container, condition, seconds);
      await container.stop();
      await limits[index]?.remove();
      return [name, latencies] as const;
    }),
  );
  return Object.fromEntries(results);
}

async function callOne(
  { invoke, pid }: FunctionProcess,
  { perSecond, freezes }: Condition,
  seconds: number,
): Promise<number[]> {
  const event = eventWith(goodToken());
  const latencies: number[] = [];
  await invoke(event);
  // A second for V8 to optimize what is hot, before anything counts.
  const start = performance.now() + 1000;
  for (let tick = -perSecond; performance.now() < start + seconds * 1000; tick++) {
    await sleep(Math.max(0, start + (tick * 1000) / perSecond - performance.now()));
    if (freezes) process.kill(pid, "SIGCONT");
    const begun = performance.now();
    await invoke(event);
    if (tick >= 0) latencies.push(performance.now() - begun);
    if (freezes) process.kill(pid, "SIGSTOP");
  }
  return latencies;
}
