import { setTimeout as sleep } from "node:timers/promises";
import { PutSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { READ_TIME_LIMIT_MILLISECONDS } from "../../lib/secrets/open-keyring.ts";
import type { RotationEvent } from "../../lib/secrets/rotation.ts";
import { type Container, startContainer } from "../support/container.ts";
import { bearer, exchangeRequest, httpApi2, statusRequest } from "../support/events.ts";
import { eventually } from "../support/eventually.ts";
import { FAULTS, startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { startLossyProxy } from "../support/lossy-proxy.ts";
import { type Packaged, packageFunctions } from "../support/packaged.ts";
import { startPocketPaw, upstreamCookie } from "../support/pocketpaw.ts";
import { rotateByHand, rotateByService } from "../support/rotator.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "../support/secret-store.ts";
import { FOREIGN_URL, openSecrets, type Secrets, versionLabelled } from "../support/secrets.ts";
import { forgedToken, MASTER_TOKEN } from "../support/tokens.ts";

vi.setConfig({ testTimeout: 60_000 });

let packaged: Packaged;
beforeAll(() => {
  packaged = packageFunctions();
}, 120_000);
afterAll(() => packaged.remove());

/** A packaged function in its own process, at a Secrets Manager; it ends with the test. */
async function start(
  functionName: string,
  secrets: Pick<Secrets, "environment">,
  settings: Record<string, string> = {},
): Promise<Container> {
  const environment = { ...secrets.environment, ...settings };
  const container = await startContainer(
    { [functionName]: packaged.bundleOf(functionName) },
    environment,
  );
  onTestFinished(() => container.close());
  return container;
}

const isAllowed = async (authorizer: Container, token: string): Promise<boolean> => {
  const response = (await authorizer.invoke(httpApi2(bearer(token)))) as { isAuthorized: boolean };
  return response.isAuthorized;
};

/** The context that the authorizer passes to the routes behind it. */
async function contextOf(authorizer: Container | undefined, token: string) {
  const response = await authorizer?.invoke(httpApi2(bearer(token)));
  return (response as { context: { masterTokenVersion: string; upstreamCookie: string } }).context;
}

async function exchange(session: Container, masterToken = MASTER_TOKEN): Promise<string> {
  const { body } = (await session.invoke(exchangeRequest(bearer(masterToken)))) as { body: string };
  return JSON.parse(body).session_token;
}

/** The next key, with all that a rotation moves. */
const rotateTo = (client: SecretsManagerClient, SecretString: string) =>
  client.send(new PutSecretValueCommand({ SecretId: HMAC_KEY_SECRET_ID, SecretString }));

const inFuture = () => Math.floor(Date.now() / 1000) + 3600;

test("after a regeneration every container refuses older session tokens and the old master token within SECRETS_FRESH_SECONDS", async () => {
  const freshSeconds = 2;
  const settings = { SECRETS_FRESH_SECONDS: String(freshSeconds) };
  const secrets = await openSecrets();
  const [session, regenerate, ...authorizers] = await Promise.all([
    start("session", secrets, settings),
    start("regenerate", secrets),
    ...Array.from({ length: 4 }, () => start("authorizer", secrets, settings)),
  ]);
  const old = await exchange(session);
  for (const authorizer of authorizers) {
    expect(await isAllowed(authorizer, old)).toBe(true);
    expect(await isAllowed(authorizer, MASTER_TOKEN)).toBe(true);
  }

  const { masterTokenVersion } = await contextOf(authorizers[0], old);
  const response = (await regenerate.invoke(
    statusRequest({ method: "session", masterTokenVersion }),
  )) as { statusCode: number; body: string };
  const regeneratedAt = performance.now();
  expect(response.statusCode).toBe(200);
  const { token } = JSON.parse(response.body);

  /** How long a container went on accepting a credential, in milliseconds. */
  const lastAccepted = async (authorizer: Container, credential: string): Promise<number> => {
    let last = 0;
    let askedAt = performance.now() - regeneratedAt;
    while (await isAllowed(authorizer, credential)) {
      last = askedAt;
      // What is read anew at the latest after FRESH seconds cannot be accepted when asked for later.
      expect(askedAt).toBeLessThan(freshSeconds * 1000);
      await sleep(20);
      askedAt = performance.now() - regeneratedAt;
    }
    return last;
  };
  const slowest = await Promise.all(
    authorizers.flatMap((authorizer) => [
      lastAccepted(authorizer, old),
      lastAccepted(authorizer, MASTER_TOKEN),
    ]),
  );
  console.log(
    `last acceptance of an ended credential, after the regeneration: ` +
      `${Math.max(...slowest).toFixed(0)} ms (SECRETS_FRESH_SECONDS is ${freshSeconds})`,
  );

  const renewed = await exchange(session, token);
  for (const authorizer of authorizers) {
    expect(await isAllowed(authorizer, renewed)).toBe(true);
    expect(await isAllowed(authorizer, token)).toBe(true);
  }
});

describe("a token made by a container that has seen the new key", () => {
  test("is accepted at once by containers that have not", async () => {
    const secrets = await openSecrets();
    const authorizers = await Promise.all([1, 2, 3].map(() => start("authorizer", secrets)));
    await rotateTo(secrets.client, "N".repeat(64));
    const token = await exchange(await start("session", secrets));
    for (const authorizer of authorizers) expect(await isAllowed(authorizer, token)).toBe(true);
  });

  test("is accepted at once, although a forged token came just before", async () => {
    const secrets = await openSecrets();
    const authorizer = await start("authorizer", secrets, { SECRETS_COOLDOWN_SECONDS: "86400" });
    expect(await isAllowed(authorizer, forgedToken(inFuture()))).toBe(false);
    await rotateTo(secrets.client, "N".repeat(64));
    const token = await exchange(await start("session", secrets));
    expect(await isAllowed(authorizer, token)).toBe(true);
  });
});

describe("a container that froze with a request in flight to Secrets Manager", () => {
  /** Long enough for the read in flight to be past its time limit when the container is resumed. */
  const FROZEN_MILLISECONDS = READ_TIME_LIMIT_MILLISECONDS + 300;

  async function openFaulty() {
    const { url, environment } = await openSecrets();
    const endpoint = await startFaultyEndpoint(url);
    onTestFinished(() => endpoint.close());
    const AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint.url;
    return {
      endpoint,
      secrets: { environment: { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER } },
    };
  }

  async function freezeInFlight(container: Container, isInFlight: () => boolean) {
    const abandoned = container.invoke(httpApi2(bearer(MASTER_TOKEN))).catch(() => undefined);
    await eventually(isInFlight);
    process.kill(container.pid, "SIGSTOP");
    await sleep(FROZEN_MILLISECONDS);
    return { abandoned, resume: () => process.kill(container.pid, "SIGCONT") };
  }

  /** The first response after the container is resumed. Two time limits would mean that it waited for the read that was cut off. */
  async function firstResponse(container: Container): Promise<boolean> {
    const resumedAt = performance.now();
    const allowed = await Promise.race([
      isAllowed(container, MASTER_TOKEN),
      sleep(2 * READ_TIME_LIMIT_MILLISECONDS, undefined, { ref: false }).then(() => {
        throw new Error("the first request after the container was resumed had to wait");
      }),
    ]);
    console.log(
      `first response after the container is resumed: ${(performance.now() - resumedAt).toFixed(0)} ms ` +
        `(one read's time limit is ${READ_TIME_LIMIT_MILLISECONDS} ms)`,
    );
    return allowed;
  }

  test.each([
    ["and Secrets Manager is back", "back"],
    ["and Secrets Manager still hangs", "hanging"],
  ])("with a value at hand responds after it is resumed, %s", async (_what, then) => {
    const { endpoint, secrets } = await openFaulty();
    const container = await start("authorizer", secrets, { SECRETS_FRESH_SECONDS: "1" });
    expect(await isAllowed(container, MASTER_TOKEN)).toBe(true);
    await sleep(1000);
    endpoint.fault = FAULTS["no response"];
    const before = endpoint.requests;
    const { resume } = await freezeInFlight(container, () => endpoint.requests > before);
    if (then === "back") endpoint.fault = undefined;
    resume();
    expect(await firstResponse(container)).toBe(true);
  });

  test("without any value responds after it is resumed, once Secrets Manager is back", async () => {
    const { endpoint, secrets } = await openFaulty();
    endpoint.fault = FAULTS["no response"];
    const container = await start("authorizer", secrets);
    const before = endpoint.requests;
    const { resume } = await freezeInFlight(container, () => endpoint.requests > before);
    endpoint.fault = undefined;
    resume();
    expect(await firstResponse(container)).toBe(true);
  });
});

describe("a container that froze with a refresh ahead in flight", () => {
  const freshSeconds = 2;
  /** Longer than a read's time limit, and than FRESH. */
  const FROZEN_MILLISECONDS = freshSeconds * 1000 + 200;
  const NEW_TOKEN = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";

  test("sees a new master token with its first request, logs no failure, and keeps to it when the late result comes", async () => {
    const { url, environment, client } = await openSecrets();
    const endpoint = await startFaultyEndpoint(url);
    onTestFinished(() => endpoint.close());
    const AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint.url;
    const container = await start(
      "authorizer",
      { environment: { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER } },
      { SECRETS_FRESH_SECONDS: String(freshSeconds) },
    );
    const late: (() => void)[] = [];
    endpoint.fault = (response, body) =>
      late.push(() => response.writeHead(200, { "content-length": body.length }).end(body));
    // Each request is allowed at once, also the one that starts the refresh, which gets no response.
    await eventually(async () => {
      expect(await isAllowed(container, MASTER_TOKEN)).toBe(true);
      return late.length === 2;
    });
    process.kill(container.pid, "SIGSTOP");
    await client.send(
      new PutSecretValueCommand({ SecretId: MASTER_TOKEN_SECRET_ID, SecretString: NEW_TOKEN }),
    );
    await sleep(FROZEN_MILLISECONDS);
    endpoint.fault = undefined;
    process.kill(container.pid, "SIGCONT");
    expect(await isAllowed(container, MASTER_TOKEN)).toBe(false);
    expect(await isAllowed(container, NEW_TOKEN)).toBe(true);
    for (const send of late) send();
    expect(await isAllowed(container, MASTER_TOKEN)).toBe(false);
    expect(await isAllowed(container, NEW_TOKEN)).toBe(true);
    expect(container.printed()).not.toContain("secret_read");
  });
});

describe("the packaged regenerate function", () => {
  const regenerateAt = async (
    secrets: Pick<Secrets, "environment" | "client">,
    settings: Record<string, string>,
  ) => {
    const regenerate = await start("regenerate", secrets, settings);
    const { versionId } = await versionLabelled(
      secrets.client,
      MASTER_TOKEN_SECRET_ID,
      "AWSCURRENT",
    );
    const found = {
      method: "session",
      masterTokenVersion: versionId,
      upstreamCookie: upstreamCookie(MASTER_TOKEN),
    };
    return (await regenerate.invoke(statusRequest(found))) as { statusCode: number; body: string };
  };

  test("stores the token of the PocketPaw that ORIGIN_URL names", async () => {
    const secrets = await openSecrets();
    const pocketPaw = await startPocketPaw();
    const { statusCode, body } = await regenerateAt(secrets, { ORIGIN_URL: pocketPaw.url });
    expect({ statusCode, body: JSON.parse(body) }).toEqual({
      statusCode: 200,
      body: { token: pocketPaw.token() },
    });
    const stored = await versionLabelled(secrets.client, MASTER_TOKEN_SECRET_ID, "AWSCURRENT");
    expect(stored.value).toBe(pocketPaw.token());
  });

  test("tries four times to store it, and then responds with 500 with it", async () => {
    const { url, environment, client } = await openSecrets();
    const pocketPaw = await startPocketPaw();
    let tries = 0;
    const AWS_ENDPOINT_URL_SECRETS_MANAGER = await startLossyProxy(url, (operation) => {
      if (operation === "PutSecretValue") tries += 1;
      return operation === "PutSecretValue";
    });
    const { statusCode, body } = await regenerateAt(
      { client, environment: { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER } },
      { ORIGIN_URL: pocketPaw.url },
    );
    expect(tries).toBe(4);
    expect(statusCode).toBe(500);
    expect(JSON.parse(body).token).toBe(pocketPaw.token());
  });
});

test("the packaged rotation function rotates the key: what the old one signed stays valid, what the second-last signed does not", async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  let rotateFunction: Container | undefined;
  const invoke = async (event: RotationEvent) => void (await rotateFunction?.invoke(event));
  const secrets = await openSecrets({ invoke: (_name, event) => invoke(event) });
  rotateFunction = await start("rotate", secrets);
  const finished = () => rotateFunction?.printed().match(/"finishSecret"/g)?.length ?? 0;
  const rotate = FOREIGN_URL
    ? rotateByHand(secrets.client, invoke)
    : rotateByService(secrets.client, finished);

  const first = await exchange(await start("session", secrets));
  const authorizer = await start("authorizer", secrets, { SECRETS_FRESH_SECONDS: "1" });
  await rotate(HMAC_KEY_SECRET_ID);
  const second = await exchange(await start("session", secrets));
  expect(await isAllowed(authorizer, second)).toBe(true);
  expect(await isAllowed(authorizer, first)).toBe(true);
  await rotate(HMAC_KEY_SECRET_ID);
  expect(await isAllowed(authorizer, second)).toBe(true);
  await eventually(async () => !(await isAllowed(authorizer, first)));
  expect(await isAllowed(authorizer, second)).toBe(true);
});
