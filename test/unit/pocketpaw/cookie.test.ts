import { createSecretKey } from "node:crypto";
import { expect, test } from "vitest";
import type { Accepted } from "../../../lib/auth/authenticate.ts";
import { mintUpstreamCookie } from "../../../lib/pocketpaw/cookie.ts";
import type { Keys } from "../../../lib/secrets/keyring.ts";
import { deriveSessionKey, sha256 } from "../../../lib/tokens/keys.ts";
import { HMAC_KEY, MASTER_TOKEN, nativeToken } from "../../support/tokens.ts";

const NOW = 1_767_268_800;
const masterDigest = sha256(MASTER_TOKEN);
const keys: Keys = {
  masterTokenVersion: "v1",
  masterDigest,
  session: deriveSessionKey(HMAC_KEY, masterDigest),
  native: createSecretKey(Buffer.from(MASTER_TOKEN)),
  previousSession: async () => undefined,
};
const accepted: Omit<Accepted, "method"> = {
  accepted: true,
  credential: { token: "t", source: "cookie" },
  keys,
};

test.each(["session", "native"] as const)(
  "for a %s token, PocketPaw's own token ends when the token itself does",
  (method) => {
    const cookie = mintUpstreamCookie({ ...accepted, method, expiresAt: NOW + 77 }, NOW);
    expect(cookie).toBe(`pocketpaw_session=${nativeToken(MASTER_TOKEN, NOW + 77)}`);
  },
);

test("for the master token it ends in 300 s", () => {
  const cookie = mintUpstreamCookie({ ...accepted, method: "master" }, NOW);
  expect(cookie).toBe(`pocketpaw_session=${nativeToken(MASTER_TOKEN, NOW + 300)}`);
});
