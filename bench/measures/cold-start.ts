import { createHmac } from "node:crypto";
import { HMAC_KEY, MASTER_TOKEN } from "../../test/support/tokens.ts";
import { bundle } from "../bundles.ts";
import { eventWith, goodToken, startContainer } from "../container.ts";
import type { Options } from "../options.ts";
import { atMost, type Section, sampleTable } from "../report.ts";
import { ratio } from "../statistics.ts";
import type { Subject } from "../subject.ts";

const EMPTY = "empty function";
const LIMIT = "the same reads signed by hand (the limit)";
const OURS = "authorizer";

/** From the start of the process to the first answer, with both secrets read. */
export async function measureColdStart(
  { coldStarts }: Options,
  { product, secretsManager }: Subject,
): Promise<Section> {
  const { authorizer, session } = product;
  if (authorizer === undefined || session === undefined) throw new Error("a function is missing");
  const good = eventWith(goodToken());
  const variants = [
    { name: EMPTY, bundle: await bundle("empty"), event: good },
    { name: LIMIT, bundle: await bundle("limit"), event: good },
    { name: `${LIMIT}, one connection`, bundle: await bundle("limit-one-connection"), event: good },
    { name: `${LIMIT}, BatchGetSecretValue`, bundle: await bundle("limit-batch"), event: good },
    { name: OURS, bundle: authorizer, event: good },
    { name: "session", bundle: session, event: eventWith(MASTER_TOKEN) },
    { name: "the SDK's client as it comes", bundle: await bundle("sdk"), event: good },
    { name: "the SDK's client, trimmed", bundle: await bundle("sdk-trimmed"), event: good },
    {
      name: "middy, Powertools, jose",
      bundle: await bundle("typical"),
      event: eventWith(jwt()),
    },
  ];
  const samples: Record<string, number[]> = Object.fromEntries(
    variants.map(({ name }) => [name, []]),
  );
  // The first round is not counted: it fills the file system's cache.
  for (let run = -1; run < coldStarts; run++) {
    for (const { name, bundle, event } of variants) {
      const container = await startContainer(bundle, secretsManager);
      const answer = await container.invoke(event);
      const milliseconds = performance.now() - container.startedAt;
      if (!isSuccess(answer)) throw new Error(`${name}: ${JSON.stringify(answer)}`);
      if (run >= 0) samples[name]?.push(milliseconds);
      await container.stop();
    }
  }

  const ours = samples[OURS] ?? [];
  const measure = "cold start to first answer";
  return {
    title: "cold start",
    method: `Milliseconds from starting the process (the runtime client on Node 24) to the first answer, both secrets read over HTTP from a server in memory; ${coldStarts} interleaved runs each. The limit takes node:http by \`process.getBuiltinModule\`, as ours does: by \`import\` it would load undici as well, and take 20 ms more.`,
    table: sampleTable("ms", samples, [EMPTY, LIMIT], 1),
    targets: [
      atMost(measure, 1.8, "the empty function", ratio(ours, samples[EMPTY] ?? [])),
      atMost(measure, 1.2, "the limit", ratio(ours, samples[LIMIT] ?? [])),
    ],
  };
}

function isSuccess(answer: unknown): boolean {
  const { isAuthorized, statusCode } = answer as { isAuthorized?: boolean; statusCode?: number };
  return isAuthorized === true || statusCode === 200;
}

/** A JWT (HS256) that holds for an hour. */
function jwt(): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const content = `${encode({ alg: "HS256" })}.${encode({ exp })}`;
  return `${content}.${createHmac("sha256", HMAC_KEY).update(content).digest("base64url")}`;
}
