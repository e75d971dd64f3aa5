import { SESSION, sign, verify } from "../../lib/tokens/formats.ts";
import { calling, interleave } from "../interleave.ts";
import type { Options } from "../options.ts";
import { FLOOR, KEY, verifiers } from "../peers.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { ratio } from "../statistics.ts";

/** Checking a good token, beside the peers. */
export async function measureVerify({ rounds }: Options): Promise<Section> {
  const now = Math.floor(Date.now() / 1000);
  const exp = now + 86_400;
  const token = sign(SESSION, KEY, exp);
  const { [FLOOR]: floor = calling(() => undefined), ...peers } = await verifiers(exp);
  const samples = await interleave(
    { [FLOOR]: floor, ours: calling(() => verify(SESSION, KEY, token, now)), ...peers },
    rounds,
  );
  return {
    title: "verify",
    method: `One good token, checked again and again in one process; ${rounds} interleaved rounds. The peers check a JWT (HS256) with the claim \`exp\` and the same key; keygrip checks the mac alone.`,
    table: sampleTable("ns", samples, [FLOOR]),
    targets: [
      atMost(
        "verify, good token",
        1.15,
        "the floor",
        ratio(samples.ours ?? [], samples[FLOOR] ?? []),
      ),
    ],
  };
}
