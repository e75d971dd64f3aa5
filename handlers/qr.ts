import { generate } from "lean-qr";
import { toPngBuffer } from "lean-qr/extras/node_export";
import { readQrSettings } from "../lib/config.ts";
import { openDependencies } from "../lib/functions/dependencies.ts";
import { createQr } from "../lib/functions/qr.ts";

/** A dashboard in dark mode shows it too: the background is white, not transparent. */
const PNG = { scale: 8, on: [0, 0, 0], off: [255, 255, 255] } as const;

export const handler = createQr({
  ...(await openDependencies(readQrSettings(process.env))),
  encode: (text) => toPngBuffer(generate(text), PNG),
});
