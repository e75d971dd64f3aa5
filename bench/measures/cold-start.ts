import { createHmac } from "node:crypto";
import { HMAC_KEY, MASTER_TOKEN } from "../../test/support/tokens.ts";
import { type Bundle, bundle } from "../bundles.ts";
import { eventWith, goodToken, startContainer } from "../container.ts";
import type { Options } from "../options.ts";
import { CANNOT_LIMIT, limitProcessor, type ProcessorShare, SEVENTH } from "../processor-share.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import type { SecretsManager } from "../secrets-manager.ts";
import { ratio } from "../statistics.ts";
import type { Subject } from "../subject.ts";

const EMPTY = "empty function";
const LIMIT = "the same reads signed by hand (the limit)";
const OURS = "authorizer";

/** What was measured against two connections at once, and not taken. */
const NOT_TAKEN =
  "Ours reads both secrets at once, over a connection each. Not taken: one connection, because HTTP/1.1 lets the second read begin when the first has ended; and BatchGetSecretValue, which gains little, has no VersionStage (so it cannot read AWSPREVIOUS), reports a secret that failed inside a response of status 200, and needs the action secretsmanager:BatchGetSecretValue, which cannot be limited to a resource, beside GetSecretValue for each secret. It could save at most half the price of the reads.";

interface Variant {
  readonly name: string;
  readonly bundle: Bundle;
  readonly event: unknown;
}

/** From the start of the process to the first response, with both secrets read. */
export async function measureColdStart(
  { coldStarts }: Options,
  { product, secretsManager }: Subject,
): Promise<Section> {
  const { session } = product;
  if (session === undefined) throw new Error("the product has no session");
  const good = eventWith(goodToken());
  const samples = await startAll(
    [
      ...(await bareVariants(product)),
      { name: "session", bundle: session, event: eventWith(MASTER_TOKEN) },
      { name: "the SDK's client as it comes", bundle: await bundle("sdk"), event: good },
      { name: "the SDK's client, trimmed", bundle: await bundle("sdk-trimmed"), event: good },
      { name: "middy, Powertools, jose", bundle: await bundle("typical"), event: eventWith(jwt()) },
    ],
    coldStarts,
    secretsManager,
  );
  return {
    title: "cold start",
    method: `Milliseconds from starting the process (the runtime client on Node 24) to the first response, both secrets read over TLS 1.3 from a server in memory that takes 5 ms for each; ${coldStarts} interleaved runs each. The limit takes node:https by \`process.getBuiltinModule\`, as ours does: by \`import\` it would load undici as well. ${NOT_TAKEN}`,
    table: sampleTable("ms", samples, [EMPTY, LIMIT], 1),
    targets: [
      atMost(
        "cold start to first response, over TLS",
        1.12,
        "the limit",
        ratio(samples[OURS] ?? [], samples[LIMIT] ?? []),
      ),
    ],
  };
}

/** The same with a seventh of a processor, which is what Lambda gives a function of 256 MB. */
export async function measureColdStartLimited(
  { coldStarts }: Options,
  { product, secretsManager }: Subject,
): Promise<Section> {
  const title = "cold start, a seventh of a processor";
  const limit = limitProcessor(SEVENTH);
  if (limit === undefined) return { title, method: CANNOT_LIMIT, table: [], targets: [] };
  const samples = await startAll(
    await bareVariants(product),
    coldStarts,
    secretsManager,
    limit,
  ).finally(limit.remove);
  return {
    title,
    method: `As above, with the function's process in a control group that has a seventh of one processor, in periods of 20 ms; ${coldStarts} interleaved runs each.`,
    table: sampleTable("ms", samples, [EMPTY, LIMIT], 1),
    targets: [],
  };
}

async function bareVariants(product: Subject["product"]): Promise<Variant[]> {
  const { authorizer } = product;
  if (authorizer === undefined) throw new Error("the product has no authorizer");
  const event = eventWith(goodToken());
  return [
    { name: EMPTY, bundle: await bundle("empty"), event },
    { name: LIMIT, bundle: await bundle("limit"), event },
    { name: "the limit over one connection", bundle: await bundle("limit-one-connection"), event },
    { name: "the limit by BatchGetSecretValue", bundle: await bundle("limit-batch"), event },
    { name: OURS, bundle: authorizer, event },
  ];
}

/** @returns milliseconds from each variant's start to its first response, by its name */
async function startAll(
  variants: readonly Variant[],
  runs: number,
  secretsManager: SecretsManager,
  limit?: ProcessorShare,
): Promise<Record<string, number[]>> {
  const samples: Record<string, number[]> = Object.fromEntries(
    variants.map(({ name }) => [name, []]),
  );
  // The first round is not counted: it fills the file system's cache.
  for (let run = -1; run < runs; run++) {
    for (const { name, bundle, event } of variants) {
      const container = await startContainer(bundle, secretsManager);
      limit?.add(container.pid);
      const response = await container.invoke(event);
      const milliseconds = performance.now() - container.startedAt;
      if (!isSuccess(response)) throw new Error(`${name}: ${JSON.stringify(response)}`);
      if (run >= 0) samples[name]?.push(milliseconds);
      await container.stop();
    }
  }
  return samples;
}

function isSuccess(response: unknown): boolean {
  const { isAuthorized, statusCode } = response as { isAuthorized?: boolean; statusCode?: number };
  return isAuthorized === true || statusCode === 200;
}

/** A JWT (HS256) that holds for an hour. */
function jwt(): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const content = `${encode({ alg: "HS256" })}.${encode({ exp })}`;
  return `${content}.${createHmac("sha256", HMAC_KEY).update(content).digest("base64url")}`;
}
