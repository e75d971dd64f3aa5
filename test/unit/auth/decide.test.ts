import { describe, expect, test } from "vitest";
import {
  credential,
  EXP,
  GOOD,
  NOW,
  openDecision as open,
  requestWith,
} from "../../support/decision.ts";
import { named } from "../../support/secret-store.ts";
import {
  forgedToken,
  goodPairing,
  goodSession,
  HMAC_KEY,
  MASTER_TOKEN,
  pocketPawToken,
  sessionToken,
} from "../../support/tokens.ts";

const MALFORMED = { accepted: false, reason: "malformed" };

describe("one credential", () => {
  test("a session token is accepted, with its end and the version that it was decided with", async () => {
    expect(await open().decideOnTokens(GOOD)).toMatchObject({
      accepted: true,
      method: "session",
      credential: credential(GOOD),
      expiresAt: EXP,
      keys: { masterTokenVersion: "master-1" },
    });
  });

  test("the master token is accepted, without an end, unless it is not to be", async () => {
    const decision = await open().decideOnTokens(MASTER_TOKEN);
    expect(decision).toMatchObject({ accepted: true, method: "master" });
    expect(decision).not.toHaveProperty("expiresAt");
    const strict = open({ acceptsMasterToken: false });
    expect(await strict.decideOnTokens(MASTER_TOKEN)).toEqual(MALFORMED);
    expect(await strict.decideOnTokens(GOOD)).toMatchObject({ accepted: true });
  });

  const NEVER: [string, string, string, boolean?][] = [
    ["a pairing token", goodPairing(EXP, EXP), "malformed"],
    ["a PocketPaw token", pocketPawToken(MASTER_TOKEN, EXP), "wrong_master"],
    ["a PocketPaw API key", "pp_0123456789abcdef", "wrong_master"],
    ["a PocketPaw OAuth token", "ppat_0123456789abcdef", "wrong_master"],
    ["the HMAC key", HMAC_KEY, "wrong_master"],
    ["nothing", "", "wrong_master"],
    ["the master token, cut", MASTER_TOKEN.slice(0, -1), "wrong_master"],
    ["the master token and one letter more", `${MASTER_TOKEN}9`, "wrong_master"],
    ["the master token in upper case", MASTER_TOKEN.toUpperCase(), "wrong_master"],
    ["8,000 letters", "x".repeat(8_000), "wrong_master"],
    ["a session token without a MAC", `session:${EXP}`, "malformed"],
    ["a session token that has just ended", goodSession(NOW), "expired", true],
    ["a forged session token", forgedToken(EXP), "bad_mac", true],
    ["one of another HMAC key", sessionToken(MASTER_TOKEN, "k".repeat(48), EXP), "bad_mac", true],
    ["one of another master token", sessionToken("other", HMAC_KEY, EXP), "bad_mac", true],
  ];
  test.each(NEVER)("%s is refused", async (_name, token, reason, isNamed = false) => {
    // Only what cannot be meant as a master token is in the decision.
    const found = { accepted: false, reason, ...(isNamed && { token }) };
    expect(await open().decideOnTokens(token)).toEqual(found);
  });

  test.each(NEVER)("%s hides no valid credential beside it", async (_name, token) => {
    const { decideOnTokens } = open();
    expect(await decideOnTokens(token, GOOD)).toMatchObject({ accepted: true });
    expect(await decideOnTokens(MASTER_TOKEN, token)).toMatchObject({ accepted: true });
  });

  test("in a token source without a scheme a session token counts, the master token does not", async () => {
    const { decideOn } = open();
    const bare = (token: string) => decideOn(requestWith([credential(token, "token_source")]));
    expect(await bare(GOOD)).toMatchObject({ accepted: true });
    expect(await bare(MASTER_TOKEN)).toEqual(MALFORMED);
  });
});

describe("no secret is read for", () => {
  test.each<[string, string[], string]>([
    ["no credential", [], "missing"],
    ["malformed session tokens", ["session:1:2", "session:"], "malformed"],
    ["a pairing token", [goodPairing(EXP, EXP)], "malformed"],
  ])("%s", async (_name, tokens, reason) => {
    const { decideOnTokens, store } = open();
    expect(await decideOnTokens(...tokens)).toEqual({ accepted: false, reason });
    expect(store.reads).toEqual({ master: 0, key: 0, previous: 0 });
  });

  test("an odd path for PocketPaw, whatever the credential", async () => {
    const { decideOn, store } = open();
    for (const path of ["/api/qr\n", "/api/a//b", undefined]) {
      const request = requestWith([credential(GOOD)], { path });
      expect(await decideOn(request, true)).toEqual({ accepted: false, reason: "odd_path" });
    }
    expect(store.reads).toEqual({ master: 0, key: 0, previous: 0 });
    const request = requestWith([credential(GOOD)], { path: "/api/qr\n" });
    expect(await decideOn(request, false)).toMatchObject({ accepted: true });
  });

  test("a second time, for an expired token", async () => {
    const { decideOnTokens, store } = open();
    await decideOnTokens(goodSession(NOW - 1));
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 0 });
  });
});

describe("several credentials", () => {
  test("of those that are bad, the reason is the first that new secrets could turn", async () => {
    const { decideOnTokens } = open();
    const forged = forgedToken(EXP);
    const decision = await decideOnTokens("session:x", goodSession(1), forged, "wrong");
    expect(decision).toEqual({ accepted: false, reason: "bad_mac", token: forged });
  });

  test("a valid one counts although the previous key, which another needs, cannot be read", async () => {
    const { decideOnTokens, store } = open();
    store.values.previous = named("ThrottlingException", "slow down");
    expect(await decideOnTokens(forgedToken(EXP), GOOD)).toMatchObject({ accepted: true });
    const alone = decideOnTokens(forgedToken(EXP));
    await expect(alone).rejects.toMatchObject({ name: "SecretsUnavailable" });
  });
});
