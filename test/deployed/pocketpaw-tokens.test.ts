import { execFileSync } from "node:child_process";
import { createSecretKey, randomInt, randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pocketPawToken } from "../../lib/pocketpaw/token.ts";
import { deployed } from "./support/deployed.ts";

/** Asks PocketPaw's own code what it makes of our tokens, and for its own. */
const ASK_POCKETPAW = `
import json, sys
from pocketpaw.security.session_tokens import _sign, verify_session_token
pairs = json.load(sys.stdin)
json.dump([[
    verify_session_token(pair["ours"], pair["masterToken"]),
    f'{pair["exp"]}:{_sign(pair["masterToken"], str(pair["exp"]))}',
] for pair in pairs], sys.stdout)
`;

test("PocketPaw makes the tokens that we make, and accepts them until they end", () => {
  const now = Math.floor(Date.now() / 1000);
  const pairs = Array.from({ length: 1_000 }, (_, index) => {
    const masterToken = index % 2 === 0 ? randomUUID() : `~!${randomInt(2 ** 40)}"\\`;
    // One in four of them past, and none so near that the clock matters.
    const exp = now + randomInt(120, 10 ** 7) * (index % 4 === 0 ? -1 : 1);
    const ours = pocketPawToken(createSecretKey(Buffer.from(masterToken)), exp);
    return { masterToken, exp, ours };
  });
  const python = join(deployed.python, "python");
  const options = { input: JSON.stringify(pairs), encoding: "utf8", maxBuffer: 2 ** 24 } as const;
  expect(JSON.parse(execFileSync(python, ["-c", ASK_POCKETPAW], options))).toEqual(
    pairs.map(({ exp, ours }) => [exp > now, ours]),
  );
});
