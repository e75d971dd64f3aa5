import { randomUUID } from "node:crypto";
import type { SecretVersions } from "../secrets/versions.ts";
import { createPocketPawSource, type TokenSource } from "./client.ts";

/** Without PocketPaw behind the gateway: what is stored is in force. */
const OWN_SOURCE: TokenSource = {
  issue: async () => randomUUID(),
  isInForce: async () => true,
};

/**
 * The source of the master token for one request: PocketPaw, where one is behind the gateway.
 *
 * @param settings of the regenerate function
 * @param openSecret a secret's versions, by its id
 * @param cookie the `Cookie` header that the authorizer minted for PocketPaw, if it did
 */
export function openTokenSource(
  settings: { readonly originUrl: string | null; readonly upstreamSecretId: string | null },
  openSecret: (secretId: string) => SecretVersions,
  cookie: string | undefined,
  signal: AbortSignal,
): TokenSource {
  const { originUrl, upstreamSecretId } = settings;
  if (originUrl === null) return OWN_SOURCE;
  let originVerify: Promise<string | undefined> | undefined;
  const readOriginVerify = () => {
    originVerify ??= read();
    return originVerify;
  };
  async function read(): Promise<string | undefined> {
    if (upstreamSecretId === null) return undefined;
    const { value } = await openSecret(upstreamSecretId).current();
    return Buffer.from(value).toString();
  }
  return createPocketPawSource({ originUrl, cookie, readOriginVerify, signal });
}
