import { describe, expect, test } from "vitest";
import { UpstreamFailed } from "../../../lib/errors.ts";
import type { TokenSource } from "../../../lib/pocketpaw/client.ts";
import { regenerate } from "../../../lib/pocketpaw/regeneration.ts";
import type { SecretVersions } from "../../../lib/secrets/versions.ts";

const OWN = "own-token";
const notAsked = () => Promise.reject(new Error("not asked"));

/**
 * A regeneration over a secret in memory; `asked` are the tokens that PocketPaw was asked about, and
 * `stores` the versions in whose place the own one was to be made current.
 *
 * @param isInForce PocketPaw's response, by token and by how many times it was asked about it before
 */
function open(isInForce: (token: string, before: number) => boolean | Error) {
  const versions = new Map([["v0", "old-token"]]);
  const state = { current: "v0", pauses: 0 };
  const asked: string[] = [];
  const stores: string[] = [];
  const secret: SecretVersions = {
    current: async () => ({ versionId: state.current, value: versions.get(state.current) ?? "" }),
    put: async (versionId, value) => void versions.set(versionId, value),
    makeCurrent: async (versionId, insteadOf) => {
      stores.push(insteadOf);
      if (state.current !== insteadOf) return false;
      state.current = versionId;
      return true;
    },
    describe: notAsked,
    read: notAsked,
    randomPassword: notAsked,
    moveLabel: notAsked,
  };
  const source: TokenSource = {
    issue: async () => OWN,
    isInForce: async (token) => {
      const result = isInForce(token, asked.filter((other) => other === token).length);
      asked.push(token);
      if (result instanceof Error) throw result;
      return result;
    },
  };
  /** Another request stores its own token. */
  const storeOther = (token: string) => {
    versions.set("v-other", token);
    state.current = "v-other";
  };
  const run = (changes: Partial<SecretVersions> = {}) =>
    regenerate({
      secret: { ...secret, ...changes },
      authorizedVersion: "v0",
      source,
      newVersionId: () => "v-own",
      pause: async () => {
        state.pauses += 1;
      },
    });
  return { run, secret, state, asked, stores, storeOther };
}

const unknown = new UpstreamFailed("upstream_failed", "PocketPaw responded 429");

describe("when PocketPaw does not show whether a token is in force", () => {
  test("it is asked again, and the token that has ended is not returned", async () => {
    const { run, asked } = open((_token, before) => (before === 0 ? unknown : false));
    await expect(run()).rejects.toMatchObject({ reason: "overtaken" });
    expect(asked).toEqual([OWN, OWN]);
  });

  test("ten times, the token that is stored is returned, and it is stored once", async () => {
    const { run, state, asked, stores } = open(() => unknown);
    expect(await run()).toBe(OWN);
    expect(asked).toHaveLength(10);
    expect(state.pauses).toBe(10);
    expect(stores).toEqual(["v0"]);
  });

  test("an error of another kind ends the regeneration at once", async () => {
    const { run, asked } = open(() => new Error("the upstream secret cannot be read"));
    expect(await run()).toBe(OWN);
    expect(asked).toEqual([OWN]);
  });
});

describe("when another request has stored its token", () => {
  const overtake = (context: ReturnType<typeof open>) => ({
    makeCurrent: async (versionId: string, insteadOf: string) => {
      if (context.stores.length === 0) context.storeOther("other-token");
      return context.secret.makeCurrent(versionId, insteadOf);
    },
  });

  test("which has ended, the own token replaces it when it is in force", async () => {
    const context = open((token) => token === OWN);
    expect(await context.run(overtake(context))).toBe(OWN);
    expect(context.state.current).toBe("v-own");
    expect(context.stores).toEqual(["v0", "v-other"]);
  });

  test("and neither is in force, the other is left in place; each is asked about once", async () => {
    const context = open(() => false);
    await expect(context.run(overtake(context))).rejects.toMatchObject({ reason: "overtaken" });
    expect(context.state.current).toBe("v-other");
    expect(context.stores).toEqual(["v0"]);
    expect(context.asked.sort()).toEqual(["other-token", OWN].sort());
  });

  test("and PocketPaw never shows which is in force, the caller gets its own token to store, and the reason", async () => {
    const context = open(() => unknown);
    await expect(context.run(overtake(context))).rejects.toMatchObject({
      reason: "not_stored",
      token: OWN,
      cause: { message: "the secret and PocketPaw differ after 10 looks" },
    });
    expect(context.stores).toEqual(["v0"]);
  });
});
