import { bundle, functionOf, type Product } from "../bundles.ts";
import { eventWith, startContainer } from "../container.ts";
import { awaiting, interleave } from "../interleave.ts";
import type { Options } from "../options.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { median, ratio } from "../statistics.ts";
import { GOOD } from "../tokens.ts";

const EMPTY = "empty function";
const LIMIT = "the same work by hand";
const OURS = "authorizer";
/** Long enough for a container to find its caches warm, as under a steady load. */
const TURN_MILLISECONDS = 50;

/** One request after the other, through the runtime client. */
export async function measureWarm({ rounds }: Options, product: Product): Promise<Section> {
  const { secretsManager } = product;
  const authorizer = functionOf(product, "authorizer");
  const containers = {
    [EMPTY]: await startContainer(await bundle("empty"), secretsManager),
    [LIMIT]: await startContainer(await bundle("warm-limit"), secretsManager),
    [OURS]: await startContainer(authorizer, secretsManager),
    "authorizer, logLevel WARN": await startContainer(authorizer, secretsManager, {
      AWS_LAMBDA_LOG_LEVEL: "WARN",
    }),
  };
  const event = eventWith(GOOD);
  const contenders = Object.entries(containers).map(
    ([name, { invoke }]) => [name, awaiting(() => invoke(event))] as const,
  );
  const nanoseconds = await interleave<string>(
    Object.fromEntries(contenders),
    rounds,
    TURN_MILLISECONDS,
  );
  await Promise.all(Object.values(containers).map(({ stop }) => stop()));
  const samples = Object.fromEntries(
    Object.entries(nanoseconds).map(([name, values]) => [name, values.map((ns) => ns / 1000)]),
  );
  const of = (name: string) => samples[name] ?? [];
  const added = ((median(of(OURS)) - median(of(EMPTY))) / 1000).toFixed(2);
  return {
    title: "authorizer, warm",
    meaning: `In a container that runs already, the authorizer adds ${added} ms to a request, beside what Lambda takes for any function.`,
    method: `One container each, one request after the other from a local Runtime API; ${rounds} interleaved rounds of ${TURN_MILLISECONDS} ms. By hand is what ours does for this one token and event, and nothing else: the MAC compared in constant time, sessionId, the same line, the same response. At WARN, allowed requests write no line.`,
    table: sampleTable("µs", samples, [EMPTY, LIMIT]),
    targets: [atMost("warm authorizer, round trip", 1.05, LIMIT, ratio(of(OURS), of(LIMIT)))],
  };
}
