import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Locator } from "playwright-core";
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

/**
 * The picture that an image element shows, whatever else is in front of it.
 *
 * @returns a PNG, as large as the gateway made it
 */
export async function pictureOf(image: Locator): Promise<Uint8Array> {
  const url = await image.evaluate(async (element: HTMLImageElement) => {
    await element.decode();
    const canvas = document.createElement("canvas");
    canvas.width = element.naturalWidth;
    canvas.height = element.naturalHeight;
    canvas.getContext("2d")?.drawImage(element, 0, 0);
    return canvas.toDataURL();
  });
  return Buffer.from(url.replace(/^.*,/, ""), "base64");
}
