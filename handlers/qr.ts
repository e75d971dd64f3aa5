import { toBuffer } from "qrcode";
import { readQrSettings } from "../lib/config/qr.ts";
import { createQr } from "../lib/functions/qr.ts";
import { writeLog } from "../lib/log.ts";
import { openKeyring } from "../lib/secrets/open-keyring.ts";

const settings = readQrSettings(process.env);

export const handler = createQr({
  keyring: await openKeyring(settings, writeLog),
  sessionTtlHours: settings.sessionTtlHours,
  publicUrl: settings.publicUrl,
  encode: (text) => toBuffer(text, { scale: 8 }),
  now: Date.now,
  log: writeLog,
});
