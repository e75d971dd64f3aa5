import { SESSION, sign, verify } from "../../lib/tokens/formats.ts";
import { calling, interleave } from "../interleave.ts";
import type { Options } from "../options.ts";
import { FLOOR, verifiers } from "../peers.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { median, ratio } from "../statistics.ts";
import { forged, GOOD, KEY } from "../tokens.ts";

const OURS = "ours";
const MALFORMED: Readonly<Record<string, string>> = {
  "malformed: a JWT": `eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTk5OTk5OTl9.${"A".repeat(43)}`,
  "malformed: leading zero": GOOD.replace(":", ":0"),
  "malformed: 10 KB of digits": `session:${"1".repeat(10_240)}`,
};

/** Checking one token: a good one beside the peers, and refusing others. */
export async function measureTokens({ rounds }: Options): Promise<Section> {
  const now = Math.floor(Date.now() / 1000);
  const check = (token: string) => calling(() => verify(SESSION, KEY, token, now));
  const refused = Object.entries({
    forged: forged(1),
    expired: sign(SESSION, KEY, now - 1),
    ...MALFORMED,
  }).map(([name, token]) => [name, check(token)] as const);
  const samples = await interleave<string>(
    { ...(await verifiers(now + 86_400)), [OURS]: check(GOOD), ...Object.fromEntries(refused) },
    rounds,
  );
  const times = (name: string) => ratio(samples[name] ?? [], samples[FLOOR] ?? []);
  const microseconds = (median(samples[OURS] ?? []) / 1000).toFixed(1);
  return {
    title: "one token",
    meaning: `To check a session token takes ${microseconds} µs: nobody will notice it, and a flood of wrong tokens cannot use up a processor.`,
    method: `lib/tokens/formats.ts, again and again in one process; ${rounds} interleaved rounds. The peers check a JWT (HS256) with the claim \`exp\` and the same key. A forged token costs what a good one costs; all others cost no HMAC.`,
    table: sampleTable("ns", samples, [FLOOR]),
    targets: [
      atMost("a good token", 1.15, FLOOR, times(OURS)),
      atMost(
        "the slowest malformed token",
        0.2,
        FLOOR,
        Math.max(...Object.keys(MALFORMED).map(times)),
      ),
    ],
  };
}
