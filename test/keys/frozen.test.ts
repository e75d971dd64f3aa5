import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Container, startContainer } from "../support/container.ts";
import { bearer, httpApi2 } from "../support/events.ts";
import { eventually } from "../support/eventually.ts";
import { type Fault, startFaultyEndpoint } from "../support/faulty-endpoint.ts";
import { type Packaged, packageFunctions } from "../support/packaged.ts";
import { prepareProcess } from "../support/prepared.ts";
import { MASTER_TOKEN_SECRET_ID } from "../support/secret-store.ts";
import { openSecrets } from "../support/secrets.ts";
import { MASTER_TOKEN } from "../support/tokens.ts";

let packaged: Packaged;
beforeAll(() => {
  packaged = packageFunctions();
});
afterAll(() => packaged.remove());

/** The packaged authorizer in its own process, whose clock may be advanced, at a Secrets Manager that can hang. */
async function start(fault?: string | Fault) {
  const { url, environment, put } = await openSecrets();
  const endpoint = await startFaultyEndpoint(url);
  endpoint.fault = fault;
  const { env, be, remove } = prepareProcess();
  const modules = { authorizer: packaged.bundleOf("authorizer") };
  const AWS_ENDPOINT_URL_SECRETS_MANAGER = endpoint.url;
  const settings = { ...environment, ...env, AWS_ENDPOINT_URL_SECRETS_MANAGER };
  const container = await startContainer(modules, settings);
  onTestFinished(async () => {
    await container.close();
    await endpoint.close();
    remove();
  });
  const advance = (stepSeconds: number) => be({ stepSeconds });
  return { container, advance, endpoint, put };
}

async function isAllowed(authorizer: Container, token: string): Promise<boolean> {
  const response = await authorizer.invoke(httpApi2(bearer(token)));
  return (response as { isAuthorized: boolean }).isAuthorized;
}

test.each([
  ["with a value at hand, once Secrets Manager is back", 61, false],
  ["with a value at hand, while Secrets Manager still hangs", 61, true],
  ["without any value, once Secrets Manager is back", 0, false],
])(
  "a container that froze with a request to Secrets Manager in flight responds after it is resumed: %s",
  async (_when, age, hangs) => {
    const { container, advance, endpoint } = await start(age === 0 ? "no response" : undefined);
    endpoint.fault = "no response";
    advance(age);
    const before = endpoint.requests;
    const abandoned = container.invoke(httpApi2(bearer(MASTER_TOKEN))).catch(() => undefined);
    await eventually(() => endpoint.requests > before);
    process.kill(container.pid, "SIGSTOP");
    advance(age + 10);
    if (!hangs) endpoint.fault = undefined;
    process.kill(container.pid, "SIGCONT");
    expect(await isAllowed(container, MASTER_TOKEN)).toBe(true);
    await abandoned;
  },
);

test("a container that froze with a refresh ahead in flight sees a new master token with its first request, logs no failure, and keeps to it when the late result comes", async () => {
  const { container, advance, endpoint, put } = await start();
  const late: (() => void)[] = [];
  endpoint.fault = (response, body) =>
    late.push(() => response.writeHead(200, { "content-length": body.length }).end(body));
  advance(50);
  // Allowed at once, by the request that starts the refresh, which gets no response.
  expect(await isAllowed(container, MASTER_TOKEN)).toBe(true);
  await eventually(() => late.length === 2);
  process.kill(container.pid, "SIGSTOP");
  const newToken = "5f0d1c2b-6a79-4888-b9aa-bbccddeeff00";
  await put(MASTER_TOKEN_SECRET_ID, newToken);
  advance(120);
  endpoint.fault = undefined;
  process.kill(container.pid, "SIGCONT");
  for (const isLate of [false, true]) {
    if (isLate) for (const send of late) send();
    expect(await isAllowed(container, MASTER_TOKEN)).toBe(false);
    expect(await isAllowed(container, newToken)).toBe(true);
  }
  expect(container.printed()).not.toContain("secret_read");
});
