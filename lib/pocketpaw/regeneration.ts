import { inFormOf, parseMasterToken } from "../secrets/values.ts";
import type { SecretVersions } from "../secrets/versions.ts";
import { OriginFailed, type TokenSource } from "./client.ts";

/**
 * Marks the newest token that a regeneration stored, before it is made current: should the function
 * end between the two, the token can still be found.
 */
export const REGENERATED = "REGENERATED";

/** How often it is looked whether what is stored is true, before a regeneration gives up. */
const ROUNDS = 10;

/** The new token exists, and was not stored. */
export class NotStored extends Error {
  override readonly name = "NotStored";
  readonly token: string;

  constructor(token: string, cause: unknown) {
    super("the new master token could not be stored", { cause });
    this.token = token;
  }
}

/** Another regeneration ended this one's token, and has not stored its own. */
export class Overtaken extends Error {
  override readonly name = "Overtaken";
}

export interface RegenerationOptions {
  readonly secret: SecretVersions;
  readonly source: TokenSource;
  /** A version id: 32 to 64 characters, never used before. */
  readonly newVersionId: () => string;
  /** Waits a moment before what is stored is looked at again. */
  readonly pause: () => Promise<void>;
}

/**
 * Makes a new master token and stores it.
 *
 * Two at the same time: PocketPaw's last token counts, and whoever got it may be the first to
 * write. So a version is only ever replaced by somebody who has seen it and knows that it counts no
 * more (`makeCurrent` is compare and set, and a token that has ended never counts again); the holder
 * of the one that counts goes on until it is stored; and all answer with what is stored once that
 * counts.
 *
 * @returns the token that is stored: the new one, or that of a regeneration that overtook this one
 * @throws OriginFailed (nothing changed here), NotStored, Overtaken; UnusableSecret and the SDK's
 *   exceptions when the secret could not be read at first, and nothing was done
 */
export async function regenerate(options: RegenerationOptions): Promise<string> {
  const { secret, source, newVersionId } = options;
  const before = await secret.current();
  parseMasterToken(before.value);
  let token: string;
  try {
    token = await source.issue();
  } catch (error) {
    return await overtakenBy(error, before.versionId, options);
  }
  const versionId = newVersionId();
  const settlement = createSettlement(options, { versionId, token });
  try {
    await secret.put(versionId, inFormOf(before.value, "token", token), REGENERATED);
    await settlement.store(before.versionId);
    return (await settlement.settle()).token;
  } catch (error) {
    if (settlement.isOvertaken()) throw new Overtaken();
    if (settlement.isStored()) return token;
    throw new NotStored(token, error);
  }
}

/**
 * After a refusal: PocketPaw knows a newer token than the one that the request was let in with. If
 * that is another regeneration's, its token is the answer; else the refusal stands.
 */
async function overtakenBy(
  error: unknown,
  versionIdBefore: string,
  options: RegenerationOptions,
): Promise<string> {
  if (!(error instanceof OriginFailed) || error.reason !== "origin_refused") throw error;
  const stored = await createSettlement(options)
    .settle()
    .catch(() => undefined);
  if (stored === undefined || stored.versionId === versionIdBefore) throw error;
  return stored.token;
}

interface Token {
  readonly versionId: string;
  readonly token: string;
}

/**
 * Sees to it that the secret ends up with the token in force. Each look at it has one of three
 * outcomes: what is stored is in force, and all is done; `mine` is, and is stored in its place; or
 * neither is, and another regeneration has yet to store its own. Without `mine` there is only to wait.
 */
function createSettlement({ secret, source, pause }: RegenerationOptions, mine?: Token) {
  const ended = new Set<string>();
  let isStored = false;

  /** Undefined when PocketPaw cannot tell now. */
  async function isInForce(token: string): Promise<boolean | undefined> {
    if (ended.has(token)) return false;
    try {
      if (await source.isInForce(token)) return true;
    } catch (error) {
      if (error instanceof OriginFailed) return undefined;
      throw error;
    }
    ended.add(token);
    return false;
  }

  async function store(insteadOf: string): Promise<void> {
    if (mine) isStored = await secret.makeCurrent(mine.versionId, insteadOf);
  }

  async function settle(): Promise<Token> {
    for (let round = 0; round < ROUNDS; round++) {
      const { versionId, value } = await secret.current();
      const token = parseMasterToken(value);
      if (mine) isStored = versionId === mine.versionId;
      if (await isInForce(token)) return { versionId, token };
      if (mine && !isStored && (await isInForce(mine.token))) await store(versionId);
      await pause();
    }
    throw new Error(`what is stored does not count, after ${ROUNDS} looks`);
  }

  return {
    store,
    settle,
    /** Whether `mine` was the current version when that was last seen. */
    isStored: () => isStored,
    /** Whether `mine` is known to count no more. */
    isOvertaken: () => mine !== undefined && ended.has(mine.token),
  };
}
