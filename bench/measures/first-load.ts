import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Options } from "../options.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { NO_POCKETPAW, ROOT, startPair } from "../servers.ts";
import { ratio } from "../statistics.ts";

const DIRECT = "PocketPaw directly";
const OURS = "through the gateway";
/** As many connections as a browser opens to a host over HTTP/1.1. */
const CONNECTIONS = 6;

/** What the dashboard asks for when it opens, through the laptop's gateway and directly. */
export async function measureFirstLoad({ loads }: Options): Promise<Section> {
  const title = "the dashboard's requests";
  const pair = await startPair();
  if (pair === undefined) return { title, method: NO_POCKETPAW, table: [], targets: [] };
  const list = join(ROOT, "test", "dashboard", "requested-urls.json");
  const requests: string[] = JSON.parse(readFileSync(list, "utf8"));
  const paths = requests.flatMap((line) => /^(?:page|API) GET ([^{}]+)$/.exec(line)?.[1] ?? []);
  const samples: Record<string, number[]> = { [DIRECT]: [], [OURS]: [] };
  const load = async (name: string, url: string, token: string) => {
    const left = [...paths];
    const connection = async () => {
      for (let path = left.shift(); path !== undefined; path = left.shift()) {
        const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
        await response.arrayBuffer();
        if (!response.ok) throw new Error(`${name}: ${path} responded ${response.status}`);
      }
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    const took = performance.now() - start;
    // PocketPaw allows an address 30 requests of its API at once, and ten more a second.
    await sleep(3_500);
    return took;
  };
  try {
    for (let run = -1; run < loads; run++) {
      const direct = await load(DIRECT, pair.pocketPaw, pair.masterToken);
      const ours = await load(OURS, pair.gateway, pair.sessionToken);
      if (run < 0) continue;
      samples[DIRECT]?.push(direct);
      samples[OURS]?.push(ours);
    }
  } finally {
    await pair.stop();
  }
  const times = ratio(samples[OURS] ?? [], samples[DIRECT] ?? []);
  return {
    title,
    meaning: `On a laptop the dashboard's files and data take ${times.toFixed(1)} times as long through the gateway as directly.`,
    method: `Milliseconds for the ${paths.length} files and API requests of test/dashboard/requested-urls.json, over ${CONNECTIONS} connections, from a real PocketPaw and through the gateway of \`npm start\` in front of it; ${loads} interleaved runs each. Each API request runs the authorizer in serverless-offline.`,
    table: sampleTable("ms", samples, [DIRECT], 0),
    targets: [atMost("the dashboard's requests, on a laptop", 1.3, DIRECT, times)],
  };
}
