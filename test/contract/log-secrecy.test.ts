import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { ROOT } from "../support/checkout.ts";
import { type Container, startContainer } from "../support/container.ts";
import {
  apiRequest,
  type ClientRequest,
  EVENT_KINDS,
  exchangeRequest,
  httpApi2,
  loginRequest,
  statusRequest,
  verifyRequest,
} from "../support/events.ts";
import { FAULTS, startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { leaksOf } from "../support/leaks.ts";
import { startPocketPaw, upstreamCookie } from "../support/pocketpaw.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "../support/secret-store.ts";
import { beginRotation, openSecrets, versionLabelled } from "../support/secrets.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  pairingToken,
  pocketPawToken,
  sessionKey,
  sessionToken,
} from "../support/tokens.ts";

const { url, put } = await openSecrets({ onFinished: afterAll });
const endpoint = await startFaultyEndpoint(url);
afterAll(() => endpoint.close());
const PREVIOUS_KEY = HMAC_KEY;
const CURRENT_KEY = "Qw8eRt5yUi2oPa9sDf6gHj3kLz0xCv7bNm4qWe1rTy8uIo5p";
await put(HMAC_KEY_SECRET_ID, CURRENT_KEY);

const exp = Math.floor(Date.now() / 1_000) + 3_600;
const credentials = {
  "the master token": MASTER_TOKEN,
  "a wrong master token": "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00",
  "a session token": sessionToken(MASTER_TOKEN, CURRENT_KEY, exp),
  "a session token of the previous key": sessionToken(MASTER_TOKEN, PREVIOUS_KEY, exp + 1),
  "an expired session token": sessionToken(MASTER_TOKEN, CURRENT_KEY, 1_700_000_000),
  "a forged session token": forgedToken(exp),
  "a malformed session token": `session:0${exp}:${"deadbeef".repeat(8)}`,
  "a pairing token": pairingToken(MASTER_TOKEN, CURRENT_KEY, exp, exp),
  "a PocketPaw token": pocketPawToken(MASTER_TOKEN, exp),
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
};

/** Requests that carry a credential where it belongs, and where it does not; the last one, in all parts. */
function requestsWith(token: string): ClientRequest[] {
  const basic = Buffer.from(`user:${token}`).toString("base64");
  const parts: ClientRequest[] = [
    { headers: { Authorization: `Bearer ${token}` } },
    { headers: { Authorization: `Bearer ${token}, Bearer ${token}` } },
    { headers: { Authorization: token } },
    { headers: { Authorization: `Basic ${basic}` } },
    { headers: { [token]: token, "User-Agent": token, Referer: `https://x/?token=${token}` } },
    { headers: { "X-Forwarded-For": `${token},${token}`, Host: token, Origin: token } },
    { query: [["token", token]] },
    { query: Object.entries({ token: `${token}x`, [token]: token }) },
    { cookies: [`__Host-pocketpaw_session=${token}`, `${token}=${token}`] },
  ];
  const all = {
    headers: Object.assign({}, ...parts.map(({ headers }) => headers)),
    query: parts.flatMap(({ query = [] }) => query),
    cookies: parts.flatMap(({ cookies = [] }) => cookies),
  };
  return [...parts, all];
}

type Event = readonly [functionName: string, event: unknown];

/** The same request as each function gets it, with the credential also in path, body and agent. */
function eventsWith(token: string, request: ClientRequest): Event[] {
  const found = { sessionId: token, masterTokenVersion: token, expiresAt: token };
  const { requestContext } = statusRequest({ method: "session", ...found });
  const { headers: _headers, ...rest } = request;
  const spread = (event: object) => {
    const all = JSON.parse(JSON.stringify(event));
    Object.assign(all, { body: token, path: `/${token}`, rawPath: `/${token}` });
    if (all.requestContext?.http) all.requestContext.http.userAgent = token;
    if (all.requestContext?.identity) all.requestContext.identity.userAgent = token;
    if (all.methodArn) all.methodArn += `/${token}`;
    return all;
  };
  return [
    ...Object.values(EVENT_KINDS).map((kind): Event => ["authorizer", spread(kind(request))]),
    ["verify", spread(verifyRequest({ ...request, path: `/${token}` }))],
    ["session", spread(exchangeRequest(request))],
    ["logout", spread(apiRequest("POST /api/auth/logout", request))],
    ["session-status", spread({ ...exchangeRequest(request), requestContext })],
    ["login", loginRequest({ token }, rest)],
    ["login", loginRequest(token, rest)],
  ];
}

const FUNCTIONS = ["session", "authorizer", "verify", "session-status", "login", "logout"];

/** Starts a container of these functions, at a Secrets Manager. */
const start = (secretsManager: string, settings: Record<string, string> = {}, names = FUNCTIONS) =>
  startContainer(
    Object.fromEntries(names.map((name) => [name, join(ROOT, "handlers", `${name}.ts`)])),
    { AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager, ...settings },
  );

/** Runs the functions for these events, one after the other, whether they respond or throw. */
async function invokeAll(container: Container, events: readonly Event[]): Promise<void> {
  for (const [functionName, event] of events) {
    await container.invoke(event, functionName).catch(() => undefined);
  }
}

const reasonsIn = (log: string) =>
  new Set([...log.matchAll(/"(?:outcome|reason|event)":"([a-z_]+)"/g)].map(([, reason]) => reason));

test("no secret is logged, whatever is sent, and however it is decided", async () => {
  const container = await start(url, { HAS_POCKETPAW: "true" });
  for (const token of Object.values(credentials)) {
    const events = requestsWith(token).flatMap((request) => eventsWith(token, request));
    await invokeAll(container, events);
  }
  await container.close();
  const log = container.printed();
  expect([...reasonsIn(log)]).toEqual(
    expect.arrayContaining([
      ...["allowed", "refused", "missing", "malformed", "wrong_master", "expired", "bad_mac"],
      ...["invalid_body", "cross_origin", "authorization", "verification", "session_exchange"],
      ...["login", "logout"],
    ]),
  );
  expect(leaksOf(secrets, log)).toEqual([]);
});

test("no secret is logged, however Secrets Manager fails, and none that is unusable", async () => {
  const container = await start(endpoint.url, {}, ["session", "authorizer"]);
  const everywhere = requestsWith(MASTER_TOKEN).at(-1) ?? {};
  const events: Event[] = [
    ["session", exchangeRequest(everywhere)],
    ["authorizer", httpApi2(everywhere)],
  ];
  // Those whose response has the secret in it.
  const QUOTING = /quotes|the middle|half|junk|HTML|object|base64|redirect/;
  for (const name of Object.keys(FAULTS).filter((each) => QUOTING.test(each))) {
    endpoint.fault = name;
    await container.load();
    await invokeAll(container, events);
  }
  endpoint.fault = undefined;
  const unusable = {
    "a master token in JSON that ends in the middle": `{"token":"${MASTER_TOKEN}`,
    "a master token with a line feed in it": `${MASTER_TOKEN}\n${MASTER_TOKEN}`,
    "a master token under another name": JSON.stringify({ [MASTER_TOKEN]: MASTER_TOKEN }),
    "a key of 31 bytes": CURRENT_KEY.slice(0, 31),
    "a key in JSON with a comma too many": `{"key":"${CURRENT_KEY}",}`,
  };
  for (const [name, value] of Object.entries(unusable)) {
    await put(MASTER_TOKEN_SECRET_ID, name.includes("master") ? value : MASTER_TOKEN);
    await put(HMAC_KEY_SECRET_ID, name.includes("key") ? value : CURRENT_KEY);
    await container.load();
    await invokeAll(container, events);
  }
  await put(HMAC_KEY_SECRET_ID, CURRENT_KEY);
  await container.close();
  const log = container.printed();
  const reasons = ["failed", "secrets_unavailable", "secrets_unusable"];
  expect([...reasonsIn(log)]).toEqual(expect.arrayContaining(reasons));
  expect(log).toContain("hmac_key_too_short");
  expect(log).toContain("secret_json_invalid");
  expect(log).toContain("master_token_not_visible_ascii");
  expect(leaksOf(secrets, log)).toEqual([]);
});

test("the rare functions, qr, regenerate and rotate, log no old and no new secret, done or failed", async () => {
  const { client, environment } = await openSecrets();
  const pocketPaw = await startPocketPaw();
  const settings = { ...environment, ORIGIN_URL: pocketPaw.url };
  const container = await start(environment.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? "", settings, [
    ...["qr", "regenerate", "rotate"],
  ]);
  const regeneration = async (method: string, masterToken: string) => {
    const { versionId } = await versionLabelled(client, MASTER_TOKEN_SECRET_ID, "AWSCURRENT");
    const found = { method, masterTokenVersion: versionId, expiresAt: String(exp) };
    const upstream = { upstreamCookie: upstreamCookie(masterToken) };
    return [
      ["qr", statusRequest(found)] as const,
      ["regenerate", statusRequest({ ...found, ...upstream })] as const,
    ];
  };
  const tokens = [MASTER_TOKEN];
  for (const method of ["session", "master"]) {
    await invokeAll(container, await regeneration(method, pocketPaw.token()));
    tokens.push(pocketPaw.token());
  }
  await invokeAll(container, await regeneration("master", "wrong"));
  pocketPaw.respondToRegenerate = (response, token) => response.end(`{"token":"${token} x"}`);
  await invokeAll(container, await regeneration("master", pocketPaw.token()));

  const ClientRequestToken = await beginRotation(client);
  const event = { SecretId: HMAC_KEY_SECRET_ID, ClientRequestToken };
  const steps = ["setSecret", "createSecret", "setSecret", "testSecret", "finishSecret"];
  await invokeAll(
    container,
    steps.map((Step) => ["rotate", { Step, ...event }]),
  );
  await container.close();

  const { value: newKey = "" } = await versionLabelled(client, HMAC_KEY_SECRET_ID, "AWSCURRENT");
  expect(newKey).toHaveLength(64);
  const log = container.printed();
  const reasons = ["qr_code", "token_regeneration", "rotation_step", "done", "overtaken", "failed"];
  expect([...reasonsIn(log)]).toEqual(expect.arrayContaining(reasons));
  const all = Object.fromEntries(
    [...tokens, pocketPaw.token()].map((token, at) => [`token ${at}`, token]),
  );
  expect(leaksOf({ ...all, "the HMAC key": HMAC_KEY, "the new key": newKey }, log)).toEqual([]);
});
