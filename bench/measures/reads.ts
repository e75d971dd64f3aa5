import { setTimeout as sleep } from "node:timers/promises";
import { eventWith, forgedToken, goodToken, startContainer } from "../container.ts";
import type { Options } from "../options.ts";
import type { Section } from "../report.ts";
import type { Subject } from "../subject.ts";

/** DESIGN.md section 7: the defaults that the functions run with. */
const FRESH_SECONDS = 60;
const COOLDOWN_SECONDS = 5;

/** How often one container of the authorizer reads its secrets. */
export async function countReads(
  { countingSeconds: [goodSeconds, forgedSeconds] }: Options,
  { product, secretsManager }: Subject,
): Promise<Section> {
  const { authorizer } = product;
  if (authorizer === undefined) throw new Error("the product has no authorizer");
  const container = await startContainer(authorizer, secretsManager);
  const rows: string[][] = [];
  const most: number[] = [];

  async function phase(name: string, allowed: number, run: () => Promise<number>): Promise<void> {
    const before = secretsManager.reads.length;
    const requests = await run();
    const reads = new Map<string, number>();
    for (const read of secretsManager.reads.slice(before))
      reads.set(read, (reads.get(read) ?? 0) + 1);
    const counted = [...reads].map(([read, count]) => `${count} × ${read}`).join(", ");
    const worst = Math.max(0, ...reads.values());
    most.push(worst - allowed);
    rows.push([name, String(requests), counted || "none", String(allowed)]);
  }

  const good = eventWith(goodToken());
  await phase("cold, first request", 1, () => requestsFor(0, 1, () => container.invoke(good)));
  await phase(`good tokens, ${goodSeconds} s`, Math.floor(goodSeconds / FRESH_SECONDS), () =>
    requestsFor(goodSeconds, 50, () => container.invoke(good)),
  );
  const exp = Math.floor(Date.now() / 1000) + 3600;
  let forgery = 0;
  const allowedUnderForgeries =
    Math.ceil(forgedSeconds / COOLDOWN_SECONDS) + Math.ceil(forgedSeconds / FRESH_SECONDS);
  await phase(`forgeries, ${forgedSeconds} s`, allowedUnderForgeries, () =>
    requestsFor(forgedSeconds, 200, () => container.invoke(eventWith(forgedToken(exp, forgery++)))),
  );
  await container.stop();

  const excess = Math.max(...most);
  return {
    title: "calls to Secrets Manager",
    method:
      "One container of the authorizer with its default settings; reads as the server counted them. Allowed: one for each secret version and minute, and one more for each cooldown of 5 s while forgeries come.",
    table: [["", "requests", "reads", "allowed for each"], ...rows],
    targets: [
      {
        measure: "reads of Secrets Manager",
        toReach: "one for each secret version, container and minute; one more for each cooldown",
        measured: excess > 0 ? `${excess} too many` : "no more",
        reached: excess <= 0,
      },
    ],
  };
}

/** Requests one after the other, at most so many a second, at least one. */
async function requestsFor(
  seconds: number,
  perSecond: number,
  request: () => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  let requests = 0;
  do {
    await request();
    requests++;
    await sleep(Math.max(0, start + (requests * 1000) / perSecond - performance.now()));
  } while (performance.now() - start < seconds * 1000);
  return requests;
}
