import { type KeyObject, timingSafeEqual } from "node:crypto";
import type { RefusalReason } from "../errors.ts";
import type { Credential } from "../http/credentials.ts";
import type { Keyring, Keys } from "../secrets/keyring.ts";
import { SESSION, verify } from "../tokens/formats.ts";
import { sha256 } from "../tokens/keys.ts";
import { PAIRING } from "../tokens/pairing.ts";

/** The kind of credential that was accepted. */
export type Method = "session" | "pairing" | "master";

export interface Accepted {
  readonly accepted: true;
  readonly method: Method;
  readonly credential: Credential;
  /** Unix seconds; absent for the master token, which does not expire. */
  readonly expiresAt?: number;
  /** The keys that it was verified with. */
  readonly keys: Keys;
}

export interface Refused {
  readonly accepted: false;
  readonly reason: RefusalReason;
  /** The token, where it has a signed token's shape: never what may be meant as a master token. */
  readonly token?: string;
}

const MISSING: Refused = { accepted: false, reason: "missing" };
const MALFORMED: Refused = { accepted: false, reason: "malformed" };
const WRONG_MASTER: Refused = { accepted: false, reason: "wrong_master" };

/**
 * Decides whether any one of the credentials is accepted. Where secrets that have just changed could
 * turn a refusal into an acceptance, they are renewed and all is tried once more.
 *
 * @param credentials in the order in which they are tried
 * @param accepts the kinds of credential that count
 * @param now unix seconds
 * @throws what the keyring rejects with: then nothing is known, and the request must not be allowed
 */
export async function authenticate(
  credentials: readonly Credential[],
  keyring: Keyring,
  accepts: readonly Method[],
  now: number,
): Promise<Accepted | Refused> {
  if (credentials.length === 0) return MISSING;
  // What nothing could make acceptable is refused before any secret is read.
  const candidates = credentials.flatMap((credential) => candidateOf(credential, accepts) ?? []);
  if (candidates.length === 0) return MALFORMED;

  const keys = await keyring.current();
  const decision = await checkAll(candidates, keys, now);
  if (decision.accepted || !mayTurn(decision)) return decision;
  const renewal = await keyring.renew(keys);
  if (renewal.keys === keys) return decision;
  const second = await checkAll(candidates, renewal.keys, now);
  if (second.accepted) renewal.giveBack();
  return second;
}

interface Candidate {
  readonly credential: Credential;
  /** The one method by which a token of this shape could be accepted. */
  readonly method: Method;
}

/** The signed formats; a token with the prefix of one is never a master token. */
const SIGNED = { session: SESSION, pairing: PAIRING } as const;

function candidateOf(credential: Credential, accepts: readonly Method[]): Candidate | undefined {
  const { token, source } = credential;
  for (const method of ["session", "pairing"] as const) {
    const { prefix, pattern } = SIGNED[method];
    if (!token.startsWith(prefix)) continue;
    return accepts.includes(method) && pattern.test(token) ? { credential, method } : undefined;
  }
  // A token source without a scheme may hold anything, so that only a signed token's shape counts.
  const mayBeMaster = accepts.includes("master") && source !== "token_source";
  return mayBeMaster ? { credential, method: "master" } : undefined;
}

/**
 * All under the current HMAC key; then our own tokens that it did not sign under the previous one,
 * so that a rotation ends no session. The first that is accepted ends it.
 */
async function checkAll(
  candidates: readonly Candidate[],
  keys: Keys,
  now: number,
): Promise<Accepted | Refused> {
  const refusals: Refused[] = [];
  for (const candidate of candidates) {
    const decision = check(candidate, keys, keys.session, now);
    if (decision.accepted) return decision;
    refusals.push(decision);
  }
  const older = candidates.filter((_, index) => refusals[index]?.reason === "bad_mac");
  const previous = older.length > 0 ? await keys.previousSession() : undefined;
  const decisions = previous ? older.map((each) => check(each, keys, previous, now)) : [];
  const accepted = decisions.find((decision) => decision.accepted);
  // The first refusal that new secrets may turn; else the first.
  return accepted ?? refusals.find(mayTurn) ?? refusals[0] ?? MISSING;
}

function mayTurn({ reason }: Refused): boolean {
  return reason === "bad_mac" || reason === "wrong_master";
}

function check(
  { credential, method }: Candidate,
  keys: Keys,
  sessionKey: KeyObject,
  now: number,
): Accepted | Refused {
  const { token } = credential;
  if (method === "master") {
    // Digests are compared, so that neither content nor length shows in the time it takes.
    const isMaster = timingSafeEqual(sha256(token), keys.masterDigest);
    return isMaster ? { accepted: true, method, credential, keys } : WRONG_MASTER;
  }
  const verdict = verify(SIGNED[method], sessionKey, token, now);
  return verdict.ok
    ? { accepted: true, method, credential, expiresAt: verdict.exp, keys }
    : { accepted: false, reason: verdict.reason, token };
}
