import { type Bundle, bundle, functionOf, type Product } from "../bundles.ts";
import { eventWith, startContainer } from "../container.ts";
import type { Options } from "../options.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { median, ratio } from "../statistics.ts";
import { GOOD, MASTER_TOKEN } from "../tokens.ts";

const EMPTY = "empty function";
const LIMIT = "the same reads signed by hand";
const OURS = "authorizer";

/** Each KB of a bundle costs cold start. */
const LIMITS_KB = { session: 35, authorizer: 38 };

type Variants = Readonly<Record<string, readonly [bundle: Bundle, token: string]>>;

/** From the start of the process to the first response, with both secrets read. */
export async function measureColdStart(
  { coldStarts }: Options,
  product: Product,
): Promise<Section> {
  const variants: Variants = {
    [EMPTY]: [await bundle("empty"), GOOD],
    [LIMIT]: [await bundle("limit"), GOOD],
    [OURS]: [functionOf(product, "authorizer"), GOOD],
    session: [functionOf(product, "session"), MASTER_TOKEN],
    "the SDK's client as it comes": [await bundle("sdk"), GOOD],
  };
  const samples = await startAll(variants, coldStarts, product);
  const of = (name: string) => samples[name] ?? [];
  return {
    title: "cold start",
    meaning: `The first request to a new container waits ${median(of(OURS)).toFixed(0)} ms on this machine for the process, the code and both secrets.`,
    method: `Milliseconds from starting the process (the runtime client on Node 24) to the first response, both secrets read over TLS 1.3 from a server in memory that takes 5 ms for each; ${coldStarts} interleaved runs each. By hand and ours read both secrets at once, over a connection each, and take node:https by \`process.getBuiltinModule\`: by \`import\` it would load undici as well.`,
    table: sampleTable("ms", samples, [EMPTY, LIMIT], 1).map((row, i) => [
      ...row,
      i === 0 ? "bundle, KB" : kilobytes(variants[row[0] ?? ""]?.[0]),
    ]),
    targets: [
      atMost("cold start to first response, over TLS", 1.12, LIMIT, ratio(of(OURS), of(LIMIT))),
      ...Object.entries(LIMITS_KB).map(([name, limit]) => ({
        measure: `bundle of a hot function: ${name}`,
        toReach: `at most ${limit} KB`,
        measured: `${kilobytes(variants[name]?.[0])} KB`,
        reached: (variants[name]?.[0].size ?? Number.NaN) <= limit * 1000,
      })),
    ],
  };
}

/** 1 KB is 1,000 bytes. */
function kilobytes(bundle?: Bundle): string {
  return ((bundle?.size ?? Number.NaN) / 1000).toFixed(1);
}

/** @returns milliseconds from each variant's start to its first response, by its name */
async function startAll(
  variants: Variants,
  runs: number,
  { secretsManager }: Product,
): Promise<Record<string, number[]>> {
  const samples: Record<string, number[]> = {};
  // The first round is not counted: it fills the file system's cache.
  for (let run = -1; run < runs; run++) {
    for (const [name, [code, token]] of Object.entries(variants)) {
      const container = await startContainer(code, secretsManager);
      const response = await container.invoke(eventWith(token));
      const milliseconds = performance.now() - container.startedAt;
      await container.stop();
      const { isAuthorized, statusCode } = response as Record<string, unknown>;
      if (isAuthorized !== true && statusCode !== 200) {
        throw new Error(`${name}: ${JSON.stringify(response)}`);
      }
      samples[name] ??= [];
      if (run >= 0) samples[name].push(milliseconds);
    }
  }
  return samples;
}
