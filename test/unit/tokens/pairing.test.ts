import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { verify } from "../../../lib/tokens/formats.ts";
import { deriveSessionKey, sha256 } from "../../../lib/tokens/keys.ts";
import { PAIRING, pairingUntil, signPairing } from "../../../lib/tokens/pairing.ts";
import { HMAC_KEY, MASTER_TOKEN, pairingToken } from "../../support/tokens.ts";
import { PAIRING_VECTORS } from "../../support/vectors.ts";

const NOW = 1_767_268_800;
const key = deriveSessionKey(HMAC_KEY, sha256(MASTER_TOKEN));

test.each(PAIRING_VECTORS)(
  "the fixed vector $name is signed and verified",
  ({ masterToken, hmacKey, exp, until, token }) => {
    const derived = deriveSessionKey(hmacKey, sha256(masterToken));
    if (exp > 60) expect(signPairing(derived, exp - 60, until)).toBe(token);
    expect(verify(PAIRING, derived, token, exp - 1)).toEqual({ ok: true, exp });
    expect(pairingUntil(token)).toBe(until);
  },
);

describe("a pairing token", () => {
  test("is valid for 60 s", () => {
    const token = signPairing(key, NOW, NOW + 3600);
    expect(token).toBe(pairingToken(MASTER_TOKEN, HMAC_KEY, NOW + 60, NOW + 3600));
    expect(verify(PAIRING, key, token, NOW + 59)).toEqual({ ok: true, exp: NOW + 60 });
    expect(verify(PAIRING, key, token, NOW + 60)).toEqual({ ok: false, reason: "expired" });
  });

  test("ends with the session that asked for it, when that ends earlier", () => {
    const token = signPairing(key, NOW, NOW + 30);
    expect(token).toBe(pairingToken(MASTER_TOKEN, HMAC_KEY, NOW + 30, NOW + 30));
    expect(verify(PAIRING, key, token, NOW + 30)).toEqual({ ok: false, reason: "expired" });
  });

  test("is not made under another key, nor accepted under one", () => {
    const other = createSecretKey(Buffer.alloc(32, 1));
    expect(verify(PAIRING, other, signPairing(key, NOW, NOW + 60), NOW)).toEqual({
      ok: false,
      reason: "bad_mac",
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -1, 1e15, NOW + 0.5])(
    "is not made with the end %d",
    (until) => {
      expect(() => signPairing(key, NOW, until)).toThrow(RangeError);
    },
  );
});
