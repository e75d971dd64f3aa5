import { execFileSync } from "node:child_process";
import { createSecretKey, randomBytes, randomInt, randomUUID } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mintUpstreamCookie } from "../../lib/pocketpaw/cookie.ts";
import { NATIVE, verify } from "../../lib/tokens/formats.ts";
import { sha256 } from "../../lib/tokens/keys.ts";
import { deployed } from "./support/deployed.ts";

/** Asks PocketPaw's own code what it makes of our tokens, and for its own. */
const ASK_POCKETPAW = `
import json, sys
from pocketpaw.security.session_tokens import _sign, verify_session_token
pairs = json.load(sys.stdin)
json.dump([{
    "accepted": verify_session_token(pair["ours"], pair["masterToken"]),
    "theirs": f'{pair["exp"]}:{_sign(pair["masterToken"], str(pair["exp"]))}',
} for pair in pairs], sys.stdout)
`;

const YEAR_SECONDS = 365 * 86_400;
/** At the very second of its end a token is PocketPaw's to accept and ours to refuse. */
const MARGIN_SECONDS = 120;

const now = Math.floor(Date.now() / 1000);

/** Half of them UUIDs, as PocketPaw's are; half of them anything that a header can carry. */
function randomMasterToken(index: number): string {
  if (index % 2 === 0) return randomUUID();
  const bytes = [...randomBytes(randomInt(1, 100))];
  return String.fromCharCode(...bytes.map((byte) => 0x21 + (byte % 0x5e)));
}

/** One in four of them past. */
function randomExp(index: number): number {
  const distance = randomInt(MARGIN_SECONDS, YEAR_SECONDS);
  return index % 4 === 0 ? now - distance : now + distance;
}

/** A token as the authorizer mints it for a session that ends at exp. */
function mint(masterToken: string, exp: number): string {
  const native = createSecretKey(Buffer.from(masterToken));
  const keys = {
    masterTokenVersion: "v1",
    masterDigest: sha256(masterToken),
    session: native,
    native,
    previousSession: async () => undefined,
  };
  const cookie = mintUpstreamCookie(
    {
      accepted: true,
      method: "session",
      credential: { token: "", source: "cookie" },
      expiresAt: exp,
      keys,
    },
    now,
  );
  return cookie.slice("pocketpaw_session=".length);
}

const pairs = Array.from({ length: 1_000 }, (_, index) => {
  const masterToken = randomMasterToken(index);
  const exp = randomExp(index);
  return { masterToken, exp, ours: mint(masterToken, exp) };
});

const responses: { accepted: boolean; theirs: string }[] = JSON.parse(
  execFileSync(join(deployed.python, "python"), ["-c", ASK_POCKETPAW], {
    input: JSON.stringify(pairs),
    encoding: "utf8",
    maxBuffer: 2 ** 24,
  }),
);

describe("over 1,000 random pairs of master token and exp", () => {
  test("PocketPaw's verify_session_token accepts the authorizer's tokens until they end", () => {
    const accepted = responses.map((response) => response.accepted);
    expect(accepted).toEqual(pairs.map(({ exp }) => exp > now));
  });

  test("we accept PocketPaw's tokens until they end", () => {
    const verdicts = pairs.map(({ masterToken }, index) =>
      verify(
        NATIVE,
        createSecretKey(Buffer.from(masterToken)),
        responses[index]?.theirs ?? "",
        now,
      ),
    );
    expect(verdicts).toEqual(
      pairs.map(({ exp }) => (exp > now ? { ok: true, exp } : { ok: false, reason: "expired" })),
    );
  });

  test("both make the same token", () => {
    expect(responses.map(({ theirs }) => theirs)).toEqual(pairs.map(({ ours }) => ours));
  });
});
