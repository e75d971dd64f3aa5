import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const WASM = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
// It would download its program otherwise.
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(WASM)).buffer } });

/**
 * Reads the one QR code of a picture.
 *
 * @param png the picture
 * @returns its text
 * @throws Error when it shows none, or several
 */
export async function readQrCode(png: Uint8Array): Promise<string> {
  const codes = await readBarcodes(png, { formats: ["QRCode"] });
  const [code] = codes;
  if (codes.length !== 1 || code === undefined)
    throw new Error(`the picture shows ${codes.length} QR codes; expected: 1`);
  return code.text;
}
