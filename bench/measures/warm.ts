import { bundle } from "../bundles.ts";
import { eventWith, goodToken, startContainer } from "../container.ts";
import { awaiting, type Contender, interleave } from "../interleave.ts";
import type { Options } from "../options.ts";
import { processorTime } from "../processor-time.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { median, ratio } from "../statistics.ts";
import type { Subject } from "../subject.ts";

const EMPTY = "empty function";
const LEAST = "one HMAC and one line of log";
const LIMIT = "the same work by hand (the limit)";
const OURS = "authorizer";
const OURS_AT_WARN = "authorizer, logLevel WARN";
/** Long enough for a container to find its caches warm, as under a steady load. */
const TURN_MILLISECONDS = 50;

/** One request after the other, through the runtime client. */
export async function measureWarm(
  { rounds }: Options,
  { product, secretsManager }: Subject,
): Promise<Section> {
  const { authorizer } = product;
  if (authorizer === undefined) throw new Error("the product has no authorizer");
  const containers = {
    [EMPTY]: await startContainer(await bundle("empty"), secretsManager),
    [LEAST]: await startContainer(await bundle("least"), secretsManager),
    [LIMIT]: await startContainer(await bundle("warm-limit"), secretsManager),
    [OURS]: await startContainer(authorizer, secretsManager),
    [OURS_AT_WARN]: await startContainer(authorizer, secretsManager, {
      AWS_LAMBDA_LOG_LEVEL: "WARN",
    }),
  };
  const event = eventWith(goodToken());
  const names = Object.keys(containers);
  const processor: Record<string, number[]> = {};
  const samples = await interleave<string>(
    Object.fromEntries(
      Object.entries(containers).map(([name, { invoke, pid }]) => {
        const run = awaiting(() => invoke(event));
        const times: number[] = [];
        processor[name] = times;
        return [name, timing(run, () => processorTime(pid), times)];
      }),
    ),
    rounds,
    TURN_MILLISECONDS,
  );
  await Promise.all(Object.values(containers).map(({ stop }) => stop()));

  const microseconds = Object.fromEntries(
    Object.entries(samples).map(([name, values]) => [name, values.map((ns) => ns / 1000)]),
  );
  const table = sampleTable("µs", microseconds, [EMPTY, LEAST, LIMIT]);
  const perSecond = names.map((name) => (1e6 / median(microseconds[name] ?? [])).toFixed(0));
  const busy = names.map((name) => (median(processor[name] ?? []) / 1000).toFixed(0));
  const times = (name: string, base: string) => ratio(samples[name] ?? [], samples[base] ?? []);
  return {
    title: "authorizer, warm",
    method: `One container each, one request after the other from a local Runtime API; ${rounds} interleaved rounds of ${TURN_MILLISECONDS} ms. "One HMAC and one line of log" is the least that any authorizer with a log does. The limit does what ours does for this one token and event, and nothing else: the MAC compared in constant time, sessionId, the same line, the same response. At WARN, allowed requests write no line. Processor time is that of the main thread for each request, the runtime client's own included.`,
    table: table.map((row, i) => [
      ...row,
      ["round trips a second", ...perSecond][i] ?? "",
      ["processor time, µs", ...busy][i] ?? "",
    ]),
    targets: [
      atMost("warm authorizer, round trip", 1.05, LEAST, times(OURS, LEAST)),
      atMost("warm authorizer at WARN, round trip", 1.1, EMPTY, times(OURS_AT_WARN, EMPTY)),
    ],
  };
}

/** The same contender; what it takes of another clock for each operation goes into `samples`. */
function timing(run: Contender, clock: () => number, samples: number[]): Contender {
  return async (times) => {
    const start = clock();
    await run(times);
    samples.push((clock() - start) / times);
  };
}
