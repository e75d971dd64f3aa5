import { generate } from "lean-qr";
import { toPngBuffer } from "lean-qr/extras/node_export";
import { readQrSettings } from "../lib/config.ts";
import { createQr } from "../lib/functions/qr.ts";
import { writeLog } from "../lib/log.ts";
import { openKeyring } from "../lib/secrets/open-keyring.ts";

/** A dashboard in dark mode shows it too: the background is white, not transparent. */
const PNG = { scale: 8, on: [0, 0, 0], off: [255, 255, 255] } as const;

const settings = readQrSettings(process.env);

export const handler = createQr({
  ...settings,
  keyring: await openKeyring(settings, writeLog),
  encode: (text) => toPngBuffer(generate(text), PNG),
  now: Date.now,
  log: writeLog,
});
