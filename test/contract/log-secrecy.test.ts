import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";
import { type Container, startContainer } from "../support/container.ts";
import {
  type ClientRequest,
  EVENT_KINDS,
  exchangeRequest,
  statusRequest,
} from "../support/events.ts";
import { FAULTS, startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { leaksOf } from "../support/leaks.ts";
import { openTestSecretsManager } from "../support/secrets-manager.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  nativeToken,
  sessionKey,
  sessionToken,
} from "../support/tokens.ts";

const secretsManager = await openTestSecretsManager();
const endpoint = await startFaultyEndpoint(secretsManager.url);
const PREVIOUS_KEY = HMAC_KEY;
const CURRENT_KEY = "Qw8eRt5yUi2oPa9sDf6gHj3kLz0xCv7bNm4qWe1rTy8uIo5p";
await secretsManager.putHmacKey(CURRENT_KEY);

afterAll(async () => {
  await endpoint.close();
  await secretsManager.close();
});

const exp = Math.floor(Date.now() / 1_000) + 3_600;
const credentials = {
  "the master token": MASTER_TOKEN,
  "a wrong master token": "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00",
  "a session token": sessionToken(MASTER_TOKEN, CURRENT_KEY, exp),
  "a session token of the previous key": sessionToken(MASTER_TOKEN, PREVIOUS_KEY, exp + 1),
  "an expired session token": sessionToken(MASTER_TOKEN, CURRENT_KEY, 1_700_000_000),
  "a forged session token": forgedToken(exp),
  "a malformed session token": `session:0${exp}:${"deadbeef".repeat(8)}`,
  "a native token": nativeToken(MASTER_TOKEN, exp),
  "an expired native token": nativeToken(MASTER_TOKEN, 1_700_000_000),
};
/** What must not be found in a log; of a token its mac, since all know its start. */
const secrets = {
  ...Object.fromEntries(
    Object.entries(credentials).map(([name, token]) => [name, token.replace(/^.*:/, "")]),
  ),
  "the HMAC key": CURRENT_KEY,
  "the previous HMAC key": PREVIOUS_KEY,
  "the session key": sessionKey(MASTER_TOKEN, CURRENT_KEY).toString("hex"),
  "the session key in base64": sessionKey(MASTER_TOKEN, CURRENT_KEY).toString("base64"),
  "the cookie for the origin": nativeToken(MASTER_TOKEN, exp).replace(/^.*:/, ""),
};

/** Requests that carry a credential where it belongs, and where it does not; in each part, and in all. */
function requestsWith(token: string): ClientRequest[] {
  const basic = Buffer.from(`user:${token}`).toString("base64");
  const parts: ClientRequest[] = [
    { headers: { Authorization: `Bearer ${token}` } },
    { headers: { Authorization: `Bearer ${token}, Bearer ${token}` } },
    { headers: { Authorization: token } },
    { headers: { Authorization: `Basic ${basic}` } },
    { headers: { [token]: token, "User-Agent": token, Referer: `https://x/?token=${token}` } },
    { headers: { "X-Forwarded-For": token, "X-Amzn-Trace-Id": token, Host: token, Accept: token } },
    { query: [["token", token]] },
    {
      query: [
        ["token", token],
        ["token", `${token}x`],
        [token, token],
      ],
    },
    { cookies: [`pocketpaw_session=${token}`, `${token}=${token}`] },
  ];
  return [
    ...parts,
    {
      headers: Object.assign({}, ...parts.map(({ headers }) => headers)),
      query: parts.flatMap(({ query = [] }) => query),
      cookies: parts.flatMap(({ cookies = [] }) => cookies),
    },
  ];
}

/** The same request as each function gets it, with the credential also in path, body and agent. */
function eventsWith(
  token: string,
  request: ClientRequest,
): [functionName: string, event: unknown][] {
  const events = [
    ...Object.values(EVENT_KINDS).map((kind) => ["authorizer", kind(request)] as const),
    ["session", exchangeRequest(request)] as const,
    ["session-status", { ...statusRequest({}), ...exchangeRequest(request) }] as const,
  ];
  return events.map(([handler, event]) => {
    const spread = JSON.parse(JSON.stringify(event));
    Object.assign(spread, { body: token, path: `/${token}`, rawPath: `/${token}` });
    Object.assign(spread, { resource: `/${token}`, pathParameters: { proxy: token } });
    if (spread.requestContext?.http) {
      Object.assign(spread.requestContext.http, { path: `/${token}`, userAgent: token });
    }
    if (spread.requestContext?.identity) spread.requestContext.identity.userAgent = token;
    if (spread.methodArn) spread.methodArn += `/${token}`;
    return [handler, spread];
  });
}

/** Starts a container of the three functions, at a Secrets Manager. */
const start = (secretsManagerUrl: string, settings: Record<string, string> = {}) =>
  startContainer(
    Object.fromEntries(
      ["session", "authorizer", "session-status"].map((name) => [
        name,
        join(ROOT, "handlers", `${name}.ts`),
      ]),
    ),
    { AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManagerUrl, ...settings },
  );

/** Runs the functions for these events, one after the other, whether they respond or throw. */
async function invokeAll(container: Container, events: [functionName: string, event: unknown][]) {
  for (const [functionName, event] of events) {
    await container.invoke(event, functionName).catch(() => undefined);
  }
}

/** Sends a container every kind of request, with each credential in each part. */
async function sendAll(container: Container, tokens = Object.values(credentials)) {
  for (const token of tokens) {
    await invokeAll(
      container,
      requestsWith(token).flatMap((request) => eventsWith(token, request)),
    );
  }
}

const reasonsIn = (log: string) =>
  new Set([...log.matchAll(/"(?:outcome|reason)":"([a-z_]+)"/g)].map(([, reason]) => reason));

test.each([
  ["by default", {}, ["missing", "malformed", "wrong_master", "expired", "bad_mac"]],
  ["with an origin", { ACCEPT_NATIVE_TOKENS: "true" }, ["malformed", "expired", "bad_mac"]],
  ["without the master token", { ACCEPT_MASTER_TOKEN: "false" }, ["malformed", "bad_mac"]],
])(
  "no secret is logged, whatever is sent, and however it is decided: %s",
  async (_name, settings, reasons) => {
    const container = await start(secretsManager.url, settings);
    await sendAll(container);
    await container.close();
    const log = container.printed();
    expect([...reasonsIn(log)]).toEqual(expect.arrayContaining(["allowed", "refused", ...reasons]));
    expect(leaksOf(secrets, log)).toEqual([]);
  },
  20_000,
);

test("no secret is logged, however Secrets Manager fails", async () => {
  const container = await start(endpoint.url);
  const everywhere = requestsWith(MASTER_TOKEN).at(-1) ?? {};
  const quick = Object.entries(FAULTS).filter(([name]) => !/no response|then nothing/.test(name));
  for (const [, fault] of quick) {
    endpoint.fault = fault;
    await container.load();
    await invokeAll(container, eventsWith(MASTER_TOKEN, everywhere));
  }
  endpoint.fault = undefined;
  await container.close();
  const log = container.printed();
  expect([...reasonsIn(log)]).toEqual(
    expect.arrayContaining(["failed", "secrets_unavailable", "secrets_unusable"]),
  );
  expect(leaksOf(secrets, log)).toEqual([]);
}, 30_000);

test("no secret is logged that is unusable", async () => {
  const unusable = {
    "a master token in JSON that ends in the middle": `{"token":"${MASTER_TOKEN}`,
    "a master token with a line feed in it": `${MASTER_TOKEN}\n${MASTER_TOKEN}`,
    "a master token under another name": JSON.stringify({ [MASTER_TOKEN]: MASTER_TOKEN }),
    "a key of 31 bytes": CURRENT_KEY.slice(0, 31),
    "a key in JSON with a comma too many": `{"key":"${CURRENT_KEY}",}`,
  };
  const own = await openTestSecretsManager();
  const container = await start(own.url);
  for (const [name, value] of Object.entries(unusable)) {
    await own.putMasterToken(name.includes("master") ? value : MASTER_TOKEN);
    await own.putHmacKey(name.includes("key") ? value : CURRENT_KEY);
    await container.load();
    await invokeAll(container, eventsWith(MASTER_TOKEN, requestsWith(MASTER_TOKEN)[0] ?? {}));
  }
  await container.close();
  await own.close();
  const log = container.printed();
  expect(log).toContain("hmac_key_too_short");
  expect(log).toContain("secret_json_invalid");
  expect(log).toContain("master_token_not_visible_ascii");
  expect(leaksOf(secrets, log)).toEqual([]);
}, 20_000);
