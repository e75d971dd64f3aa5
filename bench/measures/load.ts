import type { FunctionProcess } from "../../test/support/runtime-api.ts";
import { MASTER_TOKEN } from "../../test/support/tokens.ts";
import { eventWith, goodToken, startContainer } from "../container.ts";
import type { Options } from "../options.ts";
import type { Section } from "../report.ts";
import { quantile } from "../statistics.ts";
import type { Subject } from "../subject.ts";

const CONTAINERS = 4;
const CONNECTIONS = [1, 4, 16, 64];

/** Many callers at once. */
export async function measureLoad(
  { loadSeconds }: Options,
  { product, secretsManager }: Subject,
): Promise<Section> {
  const table = [["", "connections", "requests a second", "p50, ms", "p99, ms", "p99.9, ms"]];
  for (const [name, token] of [
    ["session", MASTER_TOKEN],
    ["authorizer", goodToken()],
  ] as const) {
    const bundle = product[name];
    if (bundle === undefined) throw new Error(`the product has no ${name}`);
    const containers = await Promise.all(
      Array.from({ length: CONTAINERS }, () => startContainer(bundle, secretsManager)),
    );
    const invoke = queueFor(containers);
    const event = eventWith(token);
    await callFor(1, CONTAINERS, () => invoke(event));
    for (const connections of CONNECTIONS) {
      const latencies = await callFor(loadSeconds, connections, () => invoke(event));
      table.push([
        name,
        String(connections),
        (latencies.length / loadSeconds).toFixed(0),
        ...[0.5, 0.99, 0.999].map((share) => quantile(latencies, share).toFixed(2)),
      ]);
    }
    await Promise.all(containers.map(({ stop }) => stop()));
  }
  return {
    title: "under load",
    method: `${CONTAINERS} containers under the runtime client behind one queue, on the cores that the callers and the Runtime API run on too; ${loadSeconds} s at each number of connections. A connection sends its next request when it has the response to the last. A container takes one request at a time, so with more connections than containers the rest is waiting time: AWS would start more containers.`,
    table,
    targets: [],
  };
}

/** Hands each event to a container that has none, in the order in which the events came. */
function queueFor(containers: readonly FunctionProcess[]): (event: unknown) => Promise<unknown> {
  const idle = [...containers];
  const waiting: ((container: FunctionProcess) => void)[] = [];
  return async (event) => {
    const container = idle.pop() ?? (await new Promise<FunctionProcess>((r) => waiting.push(r)));
    try {
      return await container.invoke(event);
    } finally {
      const next = waiting.shift();
      if (next) next(container);
      else idle.push(container);
    }
  };
}

/** @returns milliseconds that each request took */
async function callFor(
  seconds: number,
  connections: number,
  request: () => Promise<unknown>,
): Promise<number[]> {
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  const connection = async () => {
    for (let start = performance.now(); start < end; ) {
      await request();
      const now = performance.now();
      latencies.push(now - start);
      start = now;
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return latencies;
}
