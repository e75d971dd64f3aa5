import { createHash, createHmac } from "node:crypto";
import type { Checksum, SourceData } from "@smithy/types";

/**
 * SHA-256, or with a secret HMAC-SHA256, as the SDK's signer expects it. The SDK's own class brings a
 * second implementation in JavaScript, for machines without Node's: a tenth of a hot function's bundle.
 */
export class Sha256 implements Checksum {
  readonly #hash;

  constructor(secret?: SourceData) {
    // The signer has texts and byte arrays.
    const key = secret as string | Uint8Array | undefined;
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error("a hash that was read is made anew");
  }
}
