import { bundle } from "../bundles.ts";
import { eventWith, goodToken, startContainer } from "../container.ts";
import { awaiting, interleave } from "../interleave.ts";
import type { Options } from "../options.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { median, ratio } from "../statistics.ts";
import type { Subject } from "../subject.ts";

const EMPTY = "empty function";
const OURS = "authorizer";
/** Long enough for a container to find its caches warm, as under a steady load. */
const TURN_MILLISECONDS = 50;

/** From one CPU profile of 15,000 round trips while this was written; not measured anew in each run. */
const FOUND =
  "As profiled once: between two requests a function's code and data leave the caches, so that what takes the authorizer some 25 µs in a loop takes it some 90 µs here: about 30 µs to write the line of log, 20 for the HMAC, 10 for the garbage collector, 10 for sessionId, and the rest, each part below 6, to find the credential and to decide. Tried, with no difference beyond the noise: fs.writeSync in place of process.stdout, and the log into a file.";

/** One request after the other, through the runtime client. */
export async function measureWarm(
  { rounds }: Options,
  { product, secretsManager }: Subject,
): Promise<Section> {
  const { authorizer } = product;
  if (authorizer === undefined) throw new Error("the product has no authorizer");
  const bundles = {
    [EMPTY]: await bundle("empty"),
    "one HMAC and one line of log": await bundle("least"),
    [OURS]: authorizer,
  };
  const event = eventWith(goodToken());
  const containers = await Promise.all(
    Object.values(bundles).map((each) => startContainer(each, secretsManager)),
  );
  const names = Object.keys(bundles);
  const samples = await interleave<string>(
    Object.fromEntries(
      containers.map(({ invoke }, i) => [names[i] ?? "", awaiting(() => invoke(event))]),
    ),
    rounds,
    TURN_MILLISECONDS,
  );
  await Promise.all(containers.map(({ stop }) => stop()));

  const microseconds = Object.fromEntries(
    Object.entries(samples).map(([name, values]) => [name, values.map((ns) => ns / 1000)]),
  );
  const table = sampleTable("µs", microseconds, [EMPTY]);
  const perSecond = names.map((name) => (1e6 / median(microseconds[name] ?? [])).toFixed(0));
  return {
    title: "authorizer, warm",
    method: `One container each, one request after the other from a local Runtime API; ${rounds} interleaved rounds of ${TURN_MILLISECONDS} ms. "One HMAC and one line of log" is the least that any authorizer does. ${FOUND}`,
    table: table.map((row, i) => [...row, ["round trips a second", ...perSecond][i] ?? ""]),
    targets: [
      atMost(
        "warm authorizer, round trip",
        1.05,
        "the empty function",
        ratio(samples[OURS] ?? [], samples[EMPTY] ?? []),
      ),
    ],
  };
}
