import { authenticate } from "../../lib/auth/authenticate.ts";
import { createAuthorizer } from "../../lib/functions/authorizer.ts";
import { findCredentials } from "../../lib/http/credentials.ts";
import { requestInfoOf } from "../../lib/http/request-info.ts";
import { createKeyring } from "../../lib/secrets/keyring.ts";
import { SESSION, verify } from "../../lib/tokens/formats.ts";
import { sessionIdOf } from "../../lib/tokens/session-id.ts";
import { HMAC_KEY, MASTER_TOKEN } from "../../test/support/tokens.ts";
import { eventWith, goodToken } from "../container.ts";
import { awaiting, calling, interleave } from "../interleave.ts";
import type { Options } from "../options.ts";
import { FLOOR, KEY, verifiers } from "../peers.ts";
import { type Section, sampleTable } from "../report.ts";

const ALL = "the whole decision";

/** What the parts of an allowed request take in a loop, where all code and data are in the caches. */
export async function measureParts({ rounds }: Options): Promise<Section> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const token = goodToken();
  const event = eventWith(token) as Parameters<ReturnType<typeof createAuthorizer>>[0];
  const keyring = createKeyring({
    read: async (id) => ({ value: id === "master" ? MASTER_TOKEN : HMAC_KEY, versionId: "1" }),
    masterTokenSecretId: "master",
    hmacKeySecretId: "key",
    now: Date.now,
    freshSeconds: 3600,
    staleSeconds: 3600,
    cooldownSeconds: 5,
    timeLimitMilliseconds: 1000,
    onFailure: () => undefined,
  });
  const accepts = ["session", "pairing", "master"] as const;
  const options = { keyring, accepts, allowedOrigins: [], now: Date.now };
  const silent = createAuthorizer({ ...options, log: () => undefined });
  const { [FLOOR]: floor = calling(() => undefined) } = await verifiers(nowSeconds);
  const samples = await interleave(
    {
      [ALL]: awaiting(() => silent(event)),
      "request id and address": calling(() => requestInfoOf(event, undefined)),
      "find the credentials": calling(() => findCredentials(event)),
      "the keys": awaiting(() => keyring.current()),
      "verify the token": calling(() => verify(SESSION, KEY, token, nowSeconds)),
      "the same, of which createHmac alone": floor,
      "authenticate: credentials to decision": awaiting(() =>
        authenticate([{ token, source: "authorization" }], keyring, accepts, nowSeconds),
      ),
      sessionId: calling(() => sessionIdOf(token)),
    },
    rounds,
  );
  return {
    title: "authorizer, its parts",
    method: `The functions that an allowed request passes through, in a loop in one process; ${rounds} interleaved rounds. Without the line of log. In a container the same code takes several times as long, because between two requests it leaves the processor's caches.`,
    table: sampleTable("ns", samples, [ALL]),
    targets: [],
  };
}
