/**
 * Rotates the HMAC key twice while four containers of the packaged authorizer get 200 requests a
 * second for 30 s, with tokens issued before, during and after. Prints the figures, and ends with 1
 * when a request was wrongly refused, wrongly accepted, or failed.
 *
 *     npm run test:load
 */
import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { startSecretsManager } from "../../local/secrets-manager/server.ts";
import { type Container, startContainer } from "../support/container.ts";
import { bearer, exchangeRequest } from "../support/events.ts";
import { packageFunctions } from "../support/packaged.ts";
import { HMAC_KEY_SECRET_ID, MASTER_TOKEN_SECRET_ID } from "../support/secret-store.ts";
import { HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";
import { type IssuedToken, type Rotation, report, runLoad } from "./load.ts";

const CONTAINERS = 4;
const LOAD = { requestsPerSecond: 200, seconds: 30 };
/** When the two rotations begin, seconds: further apart than FRESH, as any two rotations are. */
const ROTATIONS = [8, 18];
const FRESH_SECONDS = 5;

const cleanups: (() => unknown)[] = [];

async function main(): Promise<boolean> {
  const packaged = packageFunctions();
  cleanups.push(packaged.remove);
  let rotator: Container | undefined;
  const steps = new EventEmitter();
  const { url, close } = await startSecretsManager({
    accessKeyId: null,
    invoke: async (_name, event) => {
      await rotator?.invoke(event);
      steps.emit(event.Step);
    },
  });
  cleanups.push(close);
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const credentials = { accessKeyId: "AKIDTEST", secretAccessKey: "test" };
  const client = new SecretsManagerClient({ endpoint: url, region: "eu-central-1", credentials });
  cleanups.push(() => client.destroy());
  for (const [Name, SecretString] of [
    [MASTER_TOKEN_SECRET_ID, MASTER_TOKEN],
    [HMAC_KEY_SECRET_ID, HMAC_KEY],
  ]) {
    await client.send(new CreateSecretCommand({ Name, SecretString }));
  }
  const start = async (functionName: string): Promise<Container> => {
    const modules = { [functionName]: packaged.bundleOf(functionName) };
    const container = await startContainer(modules, {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      SECRETS_FRESH_SECONDS: String(FRESH_SECONDS),
    });
    cleanups.push(container.close);
    return container;
  };

  rotator = await start("rotate");
  const starting = Array.from({ length: CONTAINERS }, () => start("authorizer"));
  const authorizers = await Promise.all(starting);
  const warmSession = await start("session");

  const keys = [HMAC_KEY];
  const tokens: IssuedToken[] = [];
  /** `keys` grows when a token is signed with one not seen before. */
  async function issue(session: Container): Promise<void> {
    const response = await session.invoke(exchangeRequest(bearer(MASTER_TOKEN)));
    const token: string = JSON.parse((response as { body: string }).body).session_token;
    const [, exp = ""] = token.split(":");
    const signs = (key: string) => sessionToken(MASTER_TOKEN, key, exp) === token;
    if (!keys.some(signs)) {
      const request = new GetSecretValueCommand({ SecretId: HMAC_KEY_SECRET_ID });
      keys.push((await client.send(request)).SecretString ?? "");
    }
    const key = keys.findIndex(signs);
    if (key < 0) throw new Error("a token was issued that no key signed");
    tokens.push({ token, key });
  }
  for (let count = 0; count < 20; count++) await issue(warmSession);

  const startedAt = performance.now();
  const rotations: Rotation[] = [];
  async function rotateInTime(): Promise<void> {
    for (const second of ROTATIONS) {
      await sleep(startedAt + second * 1000 - performance.now());
      const beganAt = performance.now();
      const finished = once(steps, "finishSecret", { signal: AbortSignal.timeout(30_000) });
      const rotation = { SecretId: HMAC_KEY_SECRET_ID, RotationLambdaARN: "function:rotate" };
      await Promise.all([finished, client.send(new RotateSecretCommand(rotation))]);
      rotations.push({ beganAt, endedAt: performance.now() });
      // One that knows the new key from the start, while all others have yet to notice it.
      await issue(await start("session"));
    }
  }
  async function issueAllAlong(): Promise<void> {
    while (performance.now() < startedAt + LOAD.seconds * 1000) {
      await issue(warmSession);
      await sleep(100);
    }
  }
  /** Half of the requests with one of the newest tokens, half with any. */
  const pick = (): IssuedToken => {
    const among = Math.random() < 0.5 ? tokens.slice(-10) : tokens;
    const picked = among[Math.floor(Math.random() * among.length)];
    if (picked === undefined) throw new Error("there are no tokens");
    return picked;
  };
  const load = runLoad({ authorizers, ...LOAD, pick });
  const [outcomes] = await Promise.all([load, rotateInTime(), issueAllAlong()]);
  return report({ outcomes, rotations, freshSeconds: FRESH_SECONDS });
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
