import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { Sha256 } from "../../../lib/secrets/sha256.ts";

const DATA = [Buffer.from("one"), Buffer.from("two")];

async function digestOf(hash: Sha256): Promise<string> {
  for (const data of DATA) hash.update(data);
  return Buffer.from(await hash.digest()).toString("hex");
}

test("without a secret it is SHA-256", async () => {
  const expected = createHash("sha256").update("onetwo").digest("hex");
  expect(await digestOf(new Sha256())).toBe(expected);
});

const BYTES = Uint8Array.from([1, 2, 3, 255]);

test.each([
  ["a string", "sécret", Buffer.from("sécret")],
  ["an empty string", "", Buffer.alloc(0)],
  ["bytes", BYTES, BYTES],
  ["a part of a buffer", new Uint8Array(BYTES.buffer, 1, 2), Buffer.from([2, 3])],
  ["a view of another kind", new DataView(BYTES.buffer, 2), Buffer.from([3, 255])],
  ["an ArrayBuffer", BYTES.buffer, BYTES],
])("with a secret, %s, it is HMAC-SHA256", async (_name, secret, key) => {
  const expected = createHmac("sha256", key).update("onetwo").digest("hex");
  expect(await digestOf(new Sha256(secret))).toBe(expected);
});

test("it cannot be reset", () => {
  expect(() => new Sha256().reset()).toThrow("a hash that was read is made anew");
});
