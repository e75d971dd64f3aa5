import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { pocketPawToken } from "../../../lib/pocketpaw/token.ts";
import { SESSION, sign, verify } from "../../../lib/tokens/formats.ts";
import { deriveSessionKey, pocketPawKey, sha256 } from "../../../lib/tokens/keys.ts";
import { PAIRING, pairingUntil, signPairing } from "../../../lib/tokens/pairing.ts";
import {
  PAIRING_VECTORS,
  POCKETPAW_VECTORS,
  REFUSED_VECTORS,
  SESSION_VECTORS,
} from "../../support/vectors.ts";

const key = createSecretKey(Buffer.alloc(32, 7));

describe("the fixed vectors", () => {
  const keyOf = ({ masterToken, hmacKey }: { masterToken: string; hmacKey: string }) =>
    deriveSessionKey(hmacKey, sha256(masterToken));

  test.each(SESSION_VECTORS)("$name: the key is derived, signs and verifies", (vector) => {
    const { exp, token } = vector;
    const derived = keyOf(vector);
    expect(derived.export().toString("hex")).toBe(vector.sessionKey);
    expect(sign(SESSION, derived, exp)).toBe(token);
    expect(verify(SESSION, derived, token, exp - 1)).toEqual({ ok: true, exp });
  });

  test.each(PAIRING_VECTORS)("$name: a pairing token is signed and verified", (vector) => {
    const { exp, until, token } = vector;
    const derived = keyOf(vector);
    // Valid for a minute, and not beyond the session that asked for it.
    if (exp > 60) expect(signPairing(derived, exp - 60, until)).toBe(token);
    expect(verify(PAIRING, derived, token, exp - 1)).toEqual({ ok: true, exp });
    expect(pairingUntil(token)).toBe(until);
  });

  test.each(POCKETPAW_VECTORS)("PocketPaw's own, $name, is signed", (vector) => {
    const { masterToken, exp, token } = vector;
    expect(pocketPawToken(pocketPawKey(masterToken), exp)).toBe(token);
  });

  test.each(REFUSED_VECTORS)("$format token, $name: $reason", (vector) => {
    const format = vector.format === "session" ? SESSION : PAIRING;
    const verdict = verify(format, keyOf(vector), vector.token, vector.now);
    expect(verdict).toEqual({ ok: false, reason: vector.reason });
  });
});

describe("time", () => {
  const token = sign(SESSION, key, 1000);

  test.each([
    [0, true],
    [999, true],
    [999.999, true],
    [1000, false],
    [1001, false],
    [Number.POSITIVE_INFINITY, false],
    [Number.NaN, false],
  ])("a token that ends at 1000 is valid at %d: %s", (now, ok) => {
    expect(verify(SESSION, key, token, now)).toEqual(
      ok ? { ok, exp: 1000 } : { ok, reason: "expired" },
    );
  });

  test("an expired token is expired whatever its MAC: no MAC is computed for it", () => {
    const forged = `session:1000:${"0".repeat(64)}`;
    expect(verify(SESSION, key, forged, 1000)).toEqual({ ok: false, reason: "expired" });
    expect(verify(SESSION, key, forged, 999)).toEqual({ ok: false, reason: "bad_mac" });
  });
});

const NO_TIMES = [0, -1, 1.5, 1e15, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY];
test.each(NO_TIMES)("no token is signed for exp %d", (exp) => {
  expect(() => sign(SESSION, key, exp)).toThrow(RangeError);
  expect(() => signPairing(key, 1_767_268_800, exp)).toThrow(RangeError);
});
