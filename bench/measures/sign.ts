import { SESSION, sign } from "../../lib/tokens/formats.ts";
import { calling, interleave } from "../interleave.ts";
import type { Options } from "../options.ts";
import { FLOOR, KEY, signers } from "../peers.ts";
import { type Section, sampleTable } from "../report.ts";

/** Making a token, beside the peers. */
export async function measureSign({ rounds }: Options): Promise<Section> {
  const exp = Math.floor(Date.now() / 1000) + 86_400;
  const { [FLOOR]: floor = calling(() => undefined), ...peers } = signers(exp);
  const samples = await interleave(
    { [FLOOR]: floor, ours: calling(() => sign(SESSION, KEY, exp)), ...peers },
    rounds,
  );
  return {
    title: "sign",
    method: `The same key and \`exp\`; ${rounds} interleaved rounds in one process.`,
    table: sampleTable("ns", samples, [FLOOR]),
    targets: [],
  };
}
