/**
 * Rotates the HMAC key twice while four containers of the packaged authorizer get 200 requests a
 * second for 30 s, with tokens issued before, during and after. Prints the figures, and ends with 1
 * when a request was wrongly refused, wrongly accepted, or failed.
 *
 *     npm run test:load
 *     npm run test:load -- http://127.0.0.1:4566     at another Secrets Manager, such as MiniStack's
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { startSecretsManager } from "../../local/secrets-manager/server.ts";
import { type Container, startContainer } from "../support/container.ts";
import { bearer, exchangeRequest } from "../support/events.ts";
import { packageFunctions } from "../support/packaged.ts";
import { rotateByHand, rotateByService } from "../support/rotator.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";
import { type IssuedToken, runLoad } from "./load.ts";
import { type Rotation, report } from "./load-report.ts";

const CONTAINERS = 4;
const REQUESTS_PER_SECOND = 200;
const SECONDS = 30;
/** When the two rotations begin, seconds: further apart than FRESH, as any two rotations are. */
const ROTATIONS = [8, 18];
const FRESH_SECONDS = 5;

const [endpoint] = process.argv.slice(2);
const run = randomUUID();
const secretIds = {
  MASTER_TOKEN_SECRET_ID: `load/${run}/master-token`,
  HMAC_KEY_SECRET_ID: `load/${run}/hmac-key`,
};

const cleanups: (() => unknown)[] = [];
try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}

async function main(): Promise<boolean> {
  const packaged = packageFunctions();
  cleanups.push(packaged.remove);
  let rotateContainer: Container | undefined;
  let requests = 0;
  const url = endpoint ?? (await startEmbedded());
  const client = clientFor(url);
  const environment = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    SECRETS_FRESH_SECONDS: String(FRESH_SECONDS),
    ...secretIds,
  };

  async function startEmbedded(): Promise<string> {
    const { url: embedded, close } = await startSecretsManager({
      accessKeyId: null,
      invoke: async (_name, event) => void (await rotateContainer?.invoke(event)),
      onRequest: () => {
        requests += 1;
      },
    });
    cleanups.push(close);
    return embedded;
  }
  const start = async (functionName: string): Promise<Container> => {
    const container = await startContainer(
      { [functionName]: packaged.bundleOf(functionName) },
      environment,
    );
    cleanups.push(container.close);
    return container;
  };

  await createSecrets(client);
  rotateContainer = await start("rotate");
  const finished = () => rotateContainer?.printed().match(/"finishSecret"/g)?.length ?? 0;
  const rotate = endpoint
    ? rotateByHand(client, rotateContainer.invoke)
    : rotateByService(client, finished);
  const authorizers = await Promise.all(
    Array.from({ length: CONTAINERS }, () => start("authorizer")),
  );
  const warmSession = await start("session");

  const keys = [HMAC_KEY];
  const tokens: IssuedToken[] = [];
  const issue = async (session: Container): Promise<void> => {
    tokens.push(await issueToken(session, client, keys));
  };
  for (let count = 0; count < 20; count++) await issue(warmSession);

  const startedAt = performance.now();
  const rotations: Rotation[] = [];
  async function rotateInTime(): Promise<void> {
    for (const second of ROTATIONS) {
      await sleep(startedAt + second * 1000 - performance.now());
      const beganAt = performance.now();
      await rotate(secretIds.HMAC_KEY_SECRET_ID);
      rotations.push({ beganAt, endedAt: performance.now() });
      // One that knows the new key from the start, while all others have yet to notice it.
      await issue(await start("session"));
    }
  }
  async function issueAllAlong(): Promise<void> {
    while (performance.now() < startedAt + SECONDS * 1000) {
      await issue(warmSession);
      await sleep(100);
    }
  }
  const [outcomes] = await Promise.all([
    runLoad({
      authorizers,
      requestsPerSecond: REQUESTS_PER_SECOND,
      seconds: SECONDS,
      pick: () => pickFrom(tokens),
    }),
    rotateInTime(),
    issueAllAlong(),
  ]);
  if (!endpoint) console.log(`${requests} requests to Secrets Manager\n`);
  return report({ outcomes, rotations, startedAt, freshSeconds: FRESH_SECONDS });
}

function clientFor(url: string): SecretsManagerClient {
  const client = new SecretsManagerClient({
    endpoint: url,
    region: "eu-central-1",
    credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" },
  });
  cleanups.push(() => client.destroy());
  return client;
}

async function createSecrets(client: SecretsManagerClient): Promise<void> {
  const create = (Name: string, SecretString: string) =>
    client.send(new CreateSecretCommand({ Name, SecretString }));
  await create(secretIds.MASTER_TOKEN_SECRET_ID, MASTER_TOKEN);
  await create(secretIds.HMAC_KEY_SECRET_ID, HMAC_KEY);
}

/** A token of a session container; `keys` grows when it is signed with one not seen before. */
async function issueToken(
  session: Container,
  client: SecretsManagerClient,
  keys: string[],
): Promise<IssuedToken> {
  const { body } = (await session.invoke(exchangeRequest(bearer(MASTER_TOKEN)))) as {
    body: string;
  };
  const issuedAt = performance.now();
  const token: string = JSON.parse(body).session_token;
  const [, exp = ""] = token.split(":");
  const signs = (key: string) => sessionToken(MASTER_TOKEN, key, exp) === token;
  if (!keys.some(signs)) {
    const SecretId = secretIds.HMAC_KEY_SECRET_ID;
    const { SecretString = "" } = await client.send(new GetSecretValueCommand({ SecretId }));
    keys.push(SecretString);
  }
  const key = keys.findIndex(signs);
  if (key < 0) throw new Error("a token was issued that no key signed");
  return { token, key, issuedAt };
}

/** Half of the requests with one of the newest tokens, half with any. */
function pickFrom(tokens: readonly IssuedToken[]): IssuedToken {
  const among = Math.random() < 0.5 ? tokens.slice(-10) : tokens;
  const picked = among[Math.floor(Math.random() * among.length)];
  if (picked === undefined) throw new Error("there are no tokens");
  return picked;
}
