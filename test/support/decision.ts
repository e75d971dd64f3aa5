import { decide } from "../../lib/auth/decide.ts";
import type { Credential } from "../../lib/http/credentials.ts";
import type { Request } from "../../lib/http/request.ts";
import { HOST } from "./events.ts";
import { createTestKeyring } from "./keyring.ts";
import { goodSession } from "./tokens.ts";

export const NOW = createTestKeyring().clock.seconds();
export const EXP = NOW + 3_600;

export const GOOD = goodSession(EXP);

const POLICY = { acceptsMasterToken: true, allowedOrigins: [] as string[] };
export const credential = (token: string, source: Credential["source"] = "authorization") => ({
  token,
  source,
});

/** A request by script, with these credentials. */
export const requestWith = (credentials: readonly Credential[], parts: Partial<Request> = {}) =>
  ({
    ...{ method: "GET", path: "/request", host: HOST, origins: [], fetchSites: [] },
    isWebSocketHandshake: false,
    credentials,
    ...parts,
  }) as Partial<Request> as Request;

/** A cold keyring, and what is decided with it. */
export function openDecision(policy: Partial<typeof POLICY> = {}) {
  const { keyring, store, clock } = createTestKeyring();
  const all = { ...POLICY, ...policy, keyring };
  const decideOn = (request: Request, isForPocketPaw = false, now = clock.seconds()) =>
    decide(request, all, isForPocketPaw, now);
  const decideOnTokens = (...tokens: string[]) =>
    decideOn(requestWith(tokens.map((token) => credential(token))));
  const isAccepted = async (token: string) => (await decideOnTokens(token)).accepted;
  return { store, clock, decideOn, decideOnTokens, isAccepted };
}
