import { createHmac } from "node:crypto";
import { SESSION, sign, verify } from "../../lib/tokens/formats.ts";
import { forgedToken } from "../../test/support/tokens.ts";
import { calling, interleave } from "../interleave.ts";
import type { Options } from "../options.ts";
import { FLOOR, KEY } from "../peers.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { ratio } from "../statistics.ts";

const GOOD = "good";

/** Refusing tokens, beside accepting one. */
export async function measureRefuse({ rounds }: Options): Promise<Section> {
  const now = Math.floor(Date.now() / 1000);
  const good = sign(SESSION, KEY, now + 86_400);
  const malformed = {
    "malformed: a JWT": `eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTk5OTk5OTl9.${"A".repeat(43)}`,
    "malformed: leading zero": good.replace(":", ":0"),
    "malformed: upper case in the last digit": good.replace(/.$/, "F"),
    "malformed: 10 KB of digits": `session:${"1".repeat(10_240)}`,
  };
  const tokens = {
    [GOOD]: good,
    forged: forgedToken(now + 86_400),
    expired: sign(SESSION, KEY, now - 1),
    ...malformed,
  };
  const message = `session:${now + 86_400}`;
  const samples = await interleave<string>(
    {
      [FLOOR]: calling(() => createHmac("sha256", KEY).update(message).digest()),
      ...Object.fromEntries(
        Object.entries(tokens).map(([name, token]) => [
          name,
          calling(() => verify(SESSION, KEY, token, now)),
        ]),
      ),
    },
    rounds,
  );
  const ratios = Object.keys(malformed).map((name) =>
    ratio(samples[name] ?? [], samples[FLOOR] ?? []),
  );
  return {
    title: "refuse",
    method: `lib/tokens/formats.ts, ${rounds} interleaved rounds in one process. A forged token costs what a good one costs; all others cost no HMAC.`,
    table: sampleTable("ns", samples, [FLOOR, GOOD]),
    targets: [atMost("refuse, malformed (the slowest)", 0.2, "the floor", Math.max(...ratios))],
  };
}
