import { NotStored, Overtaken, UpstreamFailed } from "../errors.ts";
import { inFormOf, parseMasterToken } from "../secrets/values.ts";
import type { SecretVersions } from "../secrets/versions.ts";
import type { TokenSource } from "./client.ts";

/**
 * The staging label of the newest token that a regeneration stored, before it is made current: if
 * the function ends between the two, the token can still be found.
 */
export const REGENERATED = "REGENERATED";

/** How often the secret is compared with PocketPaw before a regeneration gives up. */
const ROUNDS = 10;

export interface RegenerationOptions {
  readonly secret: SecretVersions;
  /** The version of the master token that the caller was authorized with. */
  readonly authorizedVersion: string;
  readonly source: TokenSource;
  /** A version id: 32 to 64 characters, never used before. */
  readonly newVersionId: () => string;
  /** Waits a moment before the secret is read again. */
  readonly pause: () => Promise<void>;
}

/**
 * Makes a new master token, stores it in place of the version that the caller was authorized with,
 * and returns it. A caller whose version is no longer the current one gets nothing: its session has
 * ended, although the authorizer may not know it yet.
 *
 * Two requests at the same time, authorized with the same version: PocketPaw's last token is in
 * force, and whoever got it may be the second to write. So a version is only ever replaced by a
 * request that has seen it and knows from PocketPaw that it has ended (`makeCurrent` is compare and
 * set), and a request is successful only once its own token is stored and in force.
 *
 * @returns the new master token, made for this caller
 * @throws Overtaken: nothing of this request is in force, and the caller gets no token
 * @throws UpstreamFailed: nothing has changed in the secret
 * @throws NotStored: with the token, which the caller must store
 * @throws UnusableSecret and the SDK's exceptions when the secret could not be read at first, and
 *   nothing was done
 */
export async function regenerate(options: RegenerationOptions): Promise<string> {
  const { secret, authorizedVersion, source, newVersionId } = options;
  const before = await secret.current();
  parseMasterToken(before.value);
  if (before.versionId !== authorizedVersion) throw new Overtaken();
  const token = await issue(source);
  const own = { versionId: newVersionId(), token };
  const settlement = createSettlement(options, own);
  try {
    await secret.put(own.versionId, inFormOf(before.value, "token", token), REGENERATED);
    await settlement.store(authorizedVersion);
    await settlement.settle();
  } catch (error) {
    if (error instanceof Overtaken || settlement.isOvertaken()) throw new Overtaken();
    if (!settlement.isStored()) throw new NotStored(token, error);
  }
  return token;
}

/** PocketPaw refuses a token that it has ended: another request has made a new one since. */
async function issue(source: TokenSource): Promise<string> {
  try {
    return await source.issue();
  } catch (error) {
    const isRefused = error instanceof UpstreamFailed && error.reason === "upstream_refused";
    throw isRefused ? new Overtaken() : error;
  }
}

interface OwnToken {
  readonly versionId: string;
  readonly token: string;
}

/**
 * Brings the secret and PocketPaw together. Each look at the secret has one of four outcomes: the
 * own token is stored and in force, and all is done; another one is in force, and this request is
 * overtaken; the own token is in force and another is stored, which it then replaces; neither is in
 * force, and another request has yet to store its own.
 */
function createSettlement({ secret, source, pause }: RegenerationOptions, own: OwnToken) {
  const ended = new Set<string>();
  let isStored = false;

  /** Undefined when PocketPaw cannot tell now. */
  async function isInForce(token: string): Promise<boolean | undefined> {
    if (ended.has(token)) return false;
    try {
      if (await source.isInForce(token)) return true;
    } catch (error) {
      if (error instanceof UpstreamFailed) return undefined;
      throw error;
    }
    ended.add(token);
    return false;
  }

  async function store(insteadOf: string): Promise<void> {
    isStored = await secret.makeCurrent(own.versionId, insteadOf);
  }

  async function settle(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const { versionId, value } = await secret.current();
      const token = parseMasterToken(value);
      isStored = versionId === own.versionId;
      if (await isInForce(token)) {
        if (isStored) return;
        throw new Overtaken();
      }
      if (!isStored && (await isInForce(own.token))) await store(versionId);
      await pause();
    }
    throw new Error(`the secret and PocketPaw differ after ${ROUNDS} looks`);
  }

  return {
    store,
    settle,
    /** Whether the own version was the current one when that was last seen. */
    isStored: () => isStored,
    /** Whether the own token is known not to be in force. */
    isOvertaken: () => ended.has(own.token),
  };
}
