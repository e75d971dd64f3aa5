import { describe, expect, test } from "vitest";
import { authenticate, type Method } from "../../../lib/auth/authenticate.ts";
import { bearerCredentials, DEFAULT, openAuthentication } from "../../support/authentication.ts";
import { named } from "../../support/secret-store.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionToken,
} from "../../support/tokens.ts";

const WITH_NATIVE: readonly Method[] = [...DEFAULT, "native"];
const NO_MASTER: readonly Method[] = ["session", "pairing"];
const OTHER_KEY = "k".repeat(48);

describe("one credential", () => {
  test("a session token is accepted, with its exp", async () => {
    const { authenticateAll, exp } = openAuthentication();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([token])).toMatchObject({
      accepted: true,
      method: "session",
      credential: { token },
      expiresAt: exp,
    });
  });

  test.each<[string, (exp: number) => string, boolean]>([
    ["a session token", (exp) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp), true],
    ["a PocketPaw token", (exp) => nativeToken(MASTER_TOKEN, exp), true],
    ["the master token", () => MASTER_TOKEN, false],
  ])("in a token source without a scheme, %s; accepted: %j", async (_name, tokenOf, accepted) => {
    const { keyring, now, exp } = openAuthentication();
    const credentials = [{ token: tokenOf(exp), source: "token_source" as const }];
    expect(await authenticate(credentials, keyring, WITH_NATIVE, now)).toMatchObject({ accepted });
  });

  test("the master token is accepted, without an exp", async () => {
    const { authenticateAll } = openAuthentication();
    const decision = await authenticateAll([MASTER_TOKEN]);
    expect(decision).toMatchObject({
      accepted: true,
      method: "master",
      credential: { token: MASTER_TOKEN },
    });
    expect(decision).not.toHaveProperty("expiresAt");
  });

  test("the master token is malformed where it is not accepted", async () => {
    const { authenticateAll } = openAuthentication();
    const decision = await authenticateAll([MASTER_TOKEN], NO_MASTER);
    expect(decision).toEqual({ accepted: false, reason: "malformed" });
  });

  test("PocketPaw's own token is accepted where it is to be", async () => {
    const { authenticateAll, exp } = openAuthentication();
    const token = nativeToken(MASTER_TOKEN, exp);
    expect(await authenticateAll([token], WITH_NATIVE)).toMatchObject({
      accepted: true,
      method: "native",
      credential: { token },
      expiresAt: exp,
    });
    expect(await authenticateAll([token], NO_MASTER)).toEqual({
      accepted: false,
      reason: "malformed",
    });
    expect(await authenticateAll([token])).toEqual({ accepted: false, reason: "wrong_master" });
  });

  test("PocketPaw's own token is refused from the second it ends, as ours is", async () => {
    const { authenticateAll, now } = openAuthentication();
    const token = nativeToken(MASTER_TOKEN, now);
    const refused = { accepted: false, reason: "expired", token };
    expect(await authenticateAll([token], WITH_NATIVE)).toEqual(refused);
  });

  test.each(["", "x", `${MASTER_TOKEN}x`, MASTER_TOKEN.slice(0, -1), MASTER_TOKEN.toUpperCase()])(
    "a wrong master token is refused, and is not part of the decision: %j",
    async (credential) => {
      const { authenticateAll } = openAuthentication();
      expect(await authenticateAll([credential])).toEqual({
        accepted: false,
        reason: "wrong_master",
      });
    },
  );

  test.each<[string, (exp: number, now: number) => string]>([
    ["bad_mac", (exp) => forgedToken(exp)],
    ["expired", (_exp, now) => sessionToken(MASTER_TOKEN, HMAC_KEY, now)],
  ])("the decision %s names the session token", async (reason, tokenOf) => {
    const { authenticateAll, exp, now } = openAuthentication();
    const token = tokenOf(exp, now);
    expect(await authenticateAll([token])).toEqual({ accepted: false, reason, token });
  });

  test("a clock without a time accepts no token that has an end", async () => {
    const { keyring, exp } = openAuthentication();
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(
      await authenticate(bearerCredentials([token]), keyring, DEFAULT, Number.NaN),
    ).toMatchObject({
      accepted: false,
      reason: "expired",
    });
  });
});

describe("no secret is read for", () => {
  test.each([
    ["no credential", [], DEFAULT, "missing"],
    ["a malformed session token", ["session:1:2"], DEFAULT, "malformed"],
    ["anything but a session token, where only those are accepted", ["x"], NO_MASTER, "malformed"],
  ] as const)("%s", async (_name, credentials, accepts, reason) => {
    const { authenticateAll, store } = openAuthentication();
    const decision = await authenticateAll([...credentials], accepts);
    expect(decision).toEqual({ accepted: false, reason });
    expect(store.reads).toEqual({ master: 0, key: 0, previous: 0 });
  });

  test("an expired token does not cause a renewal", async () => {
    const { authenticateAll, store, now } = openAuthentication();
    await authenticateAll([sessionToken(MASTER_TOKEN, HMAC_KEY, now - 1)]);
    expect(store.reads).toEqual({ master: 1, key: 1, previous: 0 });
  });
});

describe("several credentials", () => {
  const bad = (exp: number): Record<string, string> => ({
    malformed: "session:x",
    expired: sessionToken(MASTER_TOKEN, HMAC_KEY, 1),
    forged: forgedToken(exp),
    wrongMaster: "wrong",
  });

  test.each(["malformed", "expired", "forged", "wrongMaster"])(
    "a valid one behind an invalid one allows the request: %s",
    async (kind) => {
      const { authenticateAll, exp } = openAuthentication();
      const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
      expect(await authenticateAll([bad(exp)[kind] ?? "", token])).toMatchObject({
        accepted: true,
        credential: { token },
      });
    },
  );

  test("behind a forged one, a token of the previous key allows the request", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    store.rotate(OTHER_KEY);
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([forgedToken(exp), token])).toMatchObject({
      accepted: true,
      credential: { token },
    });
  });

  test("a valid one allows the request even if the previous key, which an invalid one needs, cannot be read", async () => {
    const { authenticateAll, store, exp } = openAuthentication();
    store.values.previous = named("ThrottlingException", "slow down");
    const token = sessionToken(MASTER_TOKEN, HMAC_KEY, exp);
    expect(await authenticateAll([forgedToken(exp), token])).toMatchObject({
      accepted: true,
      credential: { token },
    });
  });

  test.each(["before", "behind"])(
    "one that new secrets may make valid, %s one that they cannot, causes a refresh",
    async (order) => {
      const { authenticateAll, store, exp } = openAuthentication();
      await authenticateAll([MASTER_TOKEN]);
      store.rotate(OTHER_KEY);
      const token = sessionToken(MASTER_TOKEN, OTHER_KEY, exp);
      const credentials = [token, sessionToken(MASTER_TOKEN, HMAC_KEY, 1)];
      if (order === "behind") credentials.reverse();
      expect(await authenticateAll(credentials)).toMatchObject({
        accepted: true,
        credential: { token },
      });
    },
  );

  test("if all are bad, the reason is that of one", async () => {
    const { authenticateAll, exp } = openAuthentication();
    const all = Object.values(bad(exp));
    const { accepted } = await authenticateAll(all);
    expect(accepted).toBe(false);
  });
});

describe("where only the master token is accepted", () => {
  const accepts = ["master"] as const;

  test("it is", async () => {
    const { authenticateAll } = openAuthentication();
    expect(await authenticateAll([MASTER_TOKEN], accepts)).toMatchObject({ accepted: true });
  });

  test.each([
    ["nothing", "", "wrong_master"],
    ["a wrong token", "wrong", "wrong_master"],
    ["one with a blank behind", `${MASTER_TOKEN} `, "wrong_master"],
    ["a session token", sessionToken(MASTER_TOKEN, HMAC_KEY, 4_102_444_800), "malformed"],
    ["a PocketPaw token", nativeToken(MASTER_TOKEN, 4_102_444_800), "wrong_master"],
    ["the HMAC key", HMAC_KEY, "wrong_master"],
  ])("%s is refused", async (_name, token, reason) => {
    const { authenticateAll } = openAuthentication();
    expect(await authenticateAll([token], accepts)).toEqual({ accepted: false, reason });
  });

  test("a new master token is accepted at once", async () => {
    const { authenticateAll, store } = openAuthentication();
    await authenticateAll([MASTER_TOKEN], accepts);
    store.values.master = "new";
    expect(await authenticateAll(["new"], accepts)).toMatchObject({ accepted: true });
    expect(await authenticateAll([MASTER_TOKEN], accepts)).toMatchObject({ accepted: false });
  });

  test("it rejects when the secrets cannot be read", async () => {
    const { authenticateAll, store } = openAuthentication();
    store.values.key = named("InternalServiceError", "down");
    await expect(authenticateAll([MASTER_TOKEN], accepts)).rejects.toThrow("down");
  });
});
