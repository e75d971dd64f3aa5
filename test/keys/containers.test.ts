import type { SecretsManagerRotationEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type Container, startContainer } from "../support/container.ts";
import { bearer, exchangeRequest, httpApi2, statusRequest } from "../support/events.ts";
import { eventually } from "../support/eventually.ts";
import { startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { type Packaged, packageFunctions } from "../support/packaged.ts";
import { prepareProcess } from "../support/prepared.ts";
import { rotateByHand, rotateByService } from "../support/rotator.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "../support/secret-store.ts";
import { FOREIGN_URL, openSecrets, type Secrets } from "../support/secrets.ts";
import { forgedToken, MASTER_TOKEN } from "../support/tokens.ts";

let packaged: Packaged;
beforeAll(() => {
  packaged = packageFunctions();
});
afterAll(() => packaged.remove());

/** A packaged function in its own process, whose clock may be advanced, at a Secrets Manager. */
async function start(
  functionName: string,
  { environment }: Pick<Secrets, "environment">,
  settings: Record<string, string> = {},
) {
  const { env, be, remove } = prepareProcess();
  const modules = { [functionName]: packaged.bundleOf(functionName) };
  const container = await startContainer(modules, { ...environment, ...settings, ...env });
  onTestFinished(async () => {
    await container.close();
    remove();
  });
  return { ...container, advance: (stepSeconds: number) => be({ stepSeconds }) };
}

type Invoke = Pick<Container, "invoke">;

async function decisionOn(authorizer: Invoke, token: string) {
  const response = await authorizer.invoke(httpApi2(bearer(token)));
  return response as { isAuthorized: boolean; context: { masterTokenVersion: string } };
}

const isAllowed = async (authorizer: Invoke, token: string): Promise<boolean> =>
  (await decisionOn(authorizer, token)).isAuthorized;

async function exchange(session: Invoke, masterToken = MASTER_TOKEN): Promise<string> {
  const { body } = (await session.invoke(exchangeRequest(bearer(masterToken)))) as { body: string };
  return JSON.parse(body).session_token;
}

const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

test("a minute after a regeneration every container refuses older session tokens and the old master token", async () => {
  const secrets = await openSecrets();
  const [session, regenerate, ...authorizers] = await Promise.all([
    start("session", secrets),
    start("regenerate", secrets),
    ...Array.from({ length: 3 }, () => start("authorizer", secrets)),
  ]);
  const old = await exchange(session);
  for (const authorizer of authorizers) expect(await isAllowed(authorizer, old)).toBe(true);
  const [first] = authorizers;
  const { context } = await decisionOn(first ?? session, MASTER_TOKEN);
  const { body } = (await regenerate.invoke(
    statusRequest({ method: "master", masterTokenVersion: context.masterTokenVersion }),
  )) as { body: string };
  const { token } = JSON.parse(body);
  session.advance(60);
  const renewed = await exchange(session, token);
  for (const authorizer of authorizers) {
    authorizer.advance(60);
    for (const ended of [old, MASTER_TOKEN]) expect(await isAllowed(authorizer, ended)).toBe(false);
    for (const good of [renewed, token]) expect(await isAllowed(authorizer, good)).toBe(true);
  }
});

test("a token made by a container that has seen the new key is accepted at once by those that have not, also just after a forged one", async () => {
  const secrets = await openSecrets();
  const cooldown = { SECRETS_COOLDOWN_SECONDS: "86400" };
  const authorizers = await Promise.all([1, 2].map(() => start("authorizer", secrets, cooldown)));
  for (const authorizer of authorizers) {
    expect(await isAllowed(authorizer, forgedToken(inAnHour()))).toBe(false);
  }
  await secrets.put(HMAC_KEY_SECRET_ID, "N".repeat(64));
  const token = await exchange(await start("session", secrets));
  for (const authorizer of authorizers) expect(await isAllowed(authorizer, token)).toBe(true);
});

/** A Secrets Manager that can hang. */
async function openFaulty() {
  const secrets = await openSecrets();
  const endpoint = await startFaultyEndpoint(secrets.url);
  onTestFinished(() => endpoint.close());
  const AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint.url;
  const environment = { ...secrets.environment, AWS_ENDPOINT_URL_SECRETS_MANAGER };
  return { endpoint, secrets: { ...secrets, environment } };
}

test.each([
  ["with a value at hand, once Secrets Manager is back", 61, false],
  ["with a value at hand, while Secrets Manager still hangs", 61, true],
  ["without any value, once Secrets Manager is back", undefined, false],
])(
  "a container that froze with a request to Secrets Manager in flight responds after it is resumed: %s",
  async (_when, age, hangs) => {
    const { endpoint, secrets } = await openFaulty();
    if (age === undefined) endpoint.fault = "no response";
    const container = await start("authorizer", secrets);
    endpoint.fault = "no response";
    container.advance(age ?? 0);
    const before = endpoint.requests;
    const abandoned = container.invoke(httpApi2(bearer(MASTER_TOKEN))).catch(() => undefined);
    await eventually(() => endpoint.requests > before);
    process.kill(container.pid, "SIGSTOP");
    container.advance((age ?? 0) + 10);
    if (!hangs) endpoint.fault = undefined;
    process.kill(container.pid, "SIGCONT");
    expect(await isAllowed(container, MASTER_TOKEN)).toBe(true);
    await abandoned;
  },
);

test("a container that froze with a refresh ahead in flight sees a new master token with its first request, logs no failure, and keeps to it when the late result comes", async () => {
  const { endpoint, secrets } = await openFaulty();
  const container = await start("authorizer", secrets);
  const late: (() => void)[] = [];
  endpoint.fault = (response, body) =>
    late.push(() => response.writeHead(200, { "content-length": body.length }).end(body));
  container.advance(50);
  // Allowed at once, by the request that starts the refresh, which gets no response.
  expect(await isAllowed(container, MASTER_TOKEN)).toBe(true);
  await eventually(() => late.length === 2);
  process.kill(container.pid, "SIGSTOP");
  const newToken = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
  await secrets.put(MASTER_TOKEN_SECRET_ID, newToken);
  container.advance(120);
  endpoint.fault = undefined;
  process.kill(container.pid, "SIGCONT");
  for (const isLate of [false, true]) {
    if (isLate) for (const send of late) send();
    expect(await isAllowed(container, MASTER_TOKEN)).toBe(false);
    expect(await isAllowed(container, newToken)).toBe(true);
  }
  expect(container.printed()).not.toContain("secret_read");
});

test("the packaged rotation function rotates the key: what the old one signed stays valid, what the second-last signed does not", async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  let rotateFunction: Container | undefined;
  const invoke = async (event: SecretsManagerRotationEvent) =>
    void (await rotateFunction?.invoke(event));
  const secrets = await openSecrets({ invoke: (_name, event) => invoke(event) });
  rotateFunction = await start("rotate", secrets);
  const finished = () => rotateFunction?.printed().match(/"finishSecret"/g)?.length ?? 0;
  const rotate = FOREIGN_URL
    ? rotateByHand(secrets.client, invoke)
    : rotateByService(secrets.client, finished);

  const first = await exchange(await start("session", secrets));
  const authorizer = await start("authorizer", secrets);
  await rotate(HMAC_KEY_SECRET_ID);
  const second = await exchange(await start("session", secrets));
  for (const token of [second, first]) expect(await isAllowed(authorizer, token)).toBe(true);
  await rotate(HMAC_KEY_SECRET_ID);
  authorizer.advance(60);
  expect(await isAllowed(authorizer, second)).toBe(true);
  expect(await isAllowed(authorizer, first)).toBe(false);
});
