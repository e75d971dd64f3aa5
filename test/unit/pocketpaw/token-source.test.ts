import { createServer } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { openTokenSource } from "../../../lib/pocketpaw/token-source.ts";
import type { SecretVersions } from "../../../lib/secrets/versions.ts";
import { listenOnLoopback } from "../../support/loopback.ts";

const SIGNAL = AbortSignal.timeout(30_000);
const UUID4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Secrets of which only the current value can be read; `opened` are the ids that were asked for. */
function openSecrets(value: string | Uint8Array) {
  const opened: string[] = [];
  const open = (id: string) => {
    opened.push(id);
    const current = async () => ({ versionId: "v1", value });
    return { current } as SecretVersions;
  };
  return { open, opened };
}

/** A PocketPaw whose every response is 200; the values of `X-Origin-Verify` that it received. */
async function openPocketPaw() {
  const received: (string | string[] | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    received.push(headers["x-origin-verify"]);
    response.end("{}");
  });
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return { url, received };
}

describe("without PocketPaw", () => {
  test("the token is a new UUID4 each time, what is stored is in force, and no secret is read", async () => {
    const { open, opened } = openSecrets("unused");
    const settings = { originUrl: null, upstreamSecretId: "upstream" };
    const source = openTokenSource(settings, open, undefined, SIGNAL);
    const [first, second] = [await source.issue(), await source.issue()];
    expect(first).toMatch(UUID4);
    expect(second).toMatch(UUID4);
    expect(second).not.toBe(first);
    expect(await source.isInForce(first)).toBe(true);
    expect(opened).toEqual([]);
  });
});

describe("with PocketPaw", () => {
  test("behind a locked proxy, the secret's value goes with each request, and is read once", async () => {
    const { url: originUrl, received } = await openPocketPaw();
    const { open, opened } = openSecrets("value-of-the-secret");
    const settings = { originUrl, upstreamSecretId: "upstream" };
    const source = openTokenSource(settings, open, undefined, SIGNAL);
    expect(await source.isInForce("t")).toBe(true);
    expect(await source.isInForce("t")).toBe(true);
    expect(received).toEqual(["value-of-the-secret", "value-of-the-secret"]);
    expect(opened).toEqual(["upstream"]);
  });

  test("the secret's value may be binary", async () => {
    const { url: originUrl, received } = await openPocketPaw();
    const { open } = openSecrets(Buffer.from("value"));
    const settings = { originUrl, upstreamSecretId: "upstream" };
    await openTokenSource(settings, open, undefined, SIGNAL).isInForce("t");
    expect(received).toEqual(["value"]);
  });

  test("without a secret for the proxy, no secret is read and no value is sent", async () => {
    const { url: originUrl, received } = await openPocketPaw();
    const { open, opened } = openSecrets("unused");
    const settings = { originUrl, upstreamSecretId: null };
    await openTokenSource(settings, open, undefined, SIGNAL).isInForce("t");
    expect(received).toEqual([undefined]);
    expect(opened).toEqual([]);
  });
});
