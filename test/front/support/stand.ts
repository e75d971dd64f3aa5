import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { makeCertificate } from "../../support/certificate.ts";
import { makeFolder } from "../../support/checkout.ts";
import { type Headers, type Response, send } from "../../support/http.ts";
import { startNameServer } from "./name-server.ts";
import { type ProxyOptions, type RunningProxy, SECRETS, type Start } from "./proxies.ts";
import { OWN_CSP, type Recorder, startRecorder } from "./recorder.ts";

export const API = { "x-origin-verify": SECRETS.api };
export const DIRECT = { "x-origin-verify": SECRETS.direct };
/** What the gateway's authorizer mints, as far as a proxy can see. */
export const MINTED = "pocketpaw_session=1900000000:minted";
/** The response of `verify` that lets a request through. */
export const VERIFIED = { status: 204, headers: { "x-pocketpaw-cookie": MINTED } };

/** A proxy between recorders in PocketPaw's and in the API's place. */
export interface Stand {
  readonly options: ProxyOptions;
  readonly proxy: RunningProxy;
  readonly upstream: Recorder;
  readonly api: Recorder;
  readonly send: (line: string, headers?: Headers, body?: Buffer) => Promise<Response>;
  /** Sends a request that is not to reach PocketPaw. @returns the status of the refusal */
  readonly refusal: (line: string, headers?: Headers) => Promise<number>;
}

/** Starts a stand for the tests of a `describe`; before each test nothing is recorded, and `verify` lets in. */
export function useStand(start: Start): Stand {
  const ends: (() => unknown)[] = [];
  const stand = {} as { -readonly [K in keyof Stand]: Stand[K] };
  beforeAll(async () => {
    const { directory, remove } = makeFolder();
    ends.push(remove);
    const certificate = await makeCertificate(directory, "DNS:localhost");
    const names = await startNameServer();
    const [api, upstream] = [await startRecorder(certificate), await startRecorder()];
    ends.push(names.close, api.close, upstream.close);
    const options = {
      publicHost: "paw.example.com",
      upstreamPort: upstream.port,
      directory,
      gateway: {
        url: `https://localhost:${api.port}`,
        caFile: certificate.certFile,
        dnsPort: names.port,
      },
    };
    const proxy = await start(options);
    ends.push(proxy.stop);
    const sendToProxy: Stand["send"] = (...request) => send(proxy, ...request);
    const refusal: Stand["refusal"] = async (line, headers) => {
      const { status, headers: sent } = await sendToProxy(line, headers);
      expect.soft(sent["cache-control"], line).toBe("no-store");
      expect.soft(upstream.requests, line).toEqual([]);
      upstream.requests.length = 0;
      return status;
    };
    Object.assign(stand, { options, proxy, upstream, api, send: sendToProxy, refusal });
  });
  beforeEach(() => {
    stand.upstream.requests.length = 0;
    stand.api.requests.length = 0;
    stand.api.answer = VERIFIED;
    stand.upstream.answer = { status: 200, headers: { "content-security-policy": OWN_CSP } };
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });
  return stand;
}
