import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NotStored, Overtaken, UpstreamFailed } from "../../../lib/errors.ts";
import type { TokenSource } from "../../../lib/pocketpaw/client.ts";
import { regenerate } from "../../../lib/pocketpaw/regeneration.ts";
import type { SecretVersions } from "../../../lib/secrets/versions.ts";

/** What a request is made of that can be held up, or fail, on its way there or back. */
type Network = <T>(label: string, effect: () => T) => Promise<T>;

/** How an operation fails: before it took effect, or after, so that only its response is lost. */
type Failure = "not sent" | "response lost" | undefined;

/** Secrets Manager and PocketPaw, in memory: each effect is one moment, as theirs is. */
function createWorld() {
  const versions = new Map([["v0", "t0"]]);
  const world = { current: "v0", truth: "t0", issued: 0, versions };

  const secretOver = (network: Network): SecretVersions => ({
    current: () =>
      network("read", () => ({
        versionId: world.current,
        value: versions.get(world.current) ?? "",
      })),
    put: (versionId, value) =>
      network("put", () => {
        versions.set(versionId, value);
      }),
    makeCurrent: async (versionId, insteadOf) => {
      const swap = () => {
        if (world.current !== insteadOf) return false;
        world.current = versionId;
        return true;
      };
      return network("make current", swap);
    },
    describe: () => Promise.reject(new Error("not asked")),
    read: () => Promise.reject(new Error("not asked")),
    randomPassword: () => Promise.reject(new Error("not asked")),
    moveLabel: () => Promise.reject(new Error("not asked")),
  });

  const pocketPawOver = (network: Network): TokenSource => ({
    issue: () =>
      network("issue", () => {
        world.issued += 1;
        world.truth = `t${world.issued}`;
        return world.truth;
      }),
    isInForce: (token) => network("in force?", () => token === world.truth),
  });

  /** As a real PocketPaw: the cookie of a request was minted from the token stored when it came in. */
  const strictPocketPawOver = (
    network: Network,
    cookieOf = world.versions.get(world.current),
  ): TokenSource => {
    const source = pocketPawOver(network);
    return {
      ...source,
      issue: () =>
        network("issue", () => {
          if (cookieOf !== world.truth) throw new UpstreamFailed("upstream_refused", "refused");
          world.issued += 1;
          world.truth = `t${world.issued}`;
          return world.truth;
        }),
    };
  };

  const stored = () => versions.get(world.current);
  return { world, secretOver, pocketPawOver, strictPocketPawOver, stored };
}

type World = ReturnType<typeof createWorld>;

type Result =
  | {
      returned: string;
      /** What was stored when PocketPaw last said that a token counts; that token was the one. */
      storedThen: string | undefined;
      truthThen: string | undefined;
    }
  | { failed: unknown };

/** Runs regenerations whose every request is held up, there and back, as the scheduler has it. */
async function run(
  scheduler: fc.Scheduler,
  count: number,
  sourceOf: (world: World, network: Network) => TokenSource,
  failureOf: (label: string) => Failure = () => undefined,
): Promise<{ world: World; results: Result[] }> {
  const world = createWorld();

  async function start(name: number): Promise<Result> {
    let storedThen: string | undefined;
    let truthThen: string | undefined;
    const network: Network = async (label, effect) => {
      const failure = failureOf(label);
      await scheduler.schedule(Promise.resolve(), `${name}: ${label}`);
      if (failure === "not sent") throw failed(label);
      const result = effect();
      if (label === "in force?" && result === true) {
        storedThen = world.stored();
        truthThen = world.world.truth;
      }
      await scheduler.schedule(Promise.resolve(), `${name}: ${label}, returned`);
      if (failure === "response lost") throw failed(label);
      return result;
    };
    let versions = 0;
    try {
      // Where each comes in is up to the scheduler as well.
      await scheduler.schedule(Promise.resolve(), `${name}: comes in`);
      const returned = await regenerate({
        secret: world.secretOver(network),
        authorizedVersion: "v0",
        source: sourceOf(world, network),
        newVersionId: () => `v${name}.${++versions}`,
        pause: () => scheduler.schedule(Promise.resolve(), `${name}: pause`),
      });
      return { returned, storedThen, truthThen };
    } catch (error) {
      return { failed: error };
    }
  }

  const results = Promise.all(Array.from({ length: count }, (_, name) => start(name)));
  await scheduler.waitFor(results);
  return { world, results: await results };
}

function failed(label: string): Error {
  return label === "issue" || label === "in force?"
    ? new UpstreamFailed("upstream_unreachable", "unreachable")
    : new Error("unreachable");
}

const RUNS = { numRuns: 500 };
const count = fc.integer({ min: 2, max: 4 });

describe.each([
  ["that accepts all requests", (w: World, n: Network) => w.pocketPawOver(n)],
  ["that refuses later requests", (w: World, n: Network) => w.strictPocketPawOver(n)],
])("regenerations at the same time, with a PocketPaw %s", (_kind, sourceOf) => {
  test("leave PocketPaw's token in the secret, and return what was stored and in force", () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), count, async (scheduler, howMany) => {
        const { world, results } = await run(scheduler, howMany, sourceOf);
        expect(world.stored()).toBe(world.world.truth);
        for (const result of results) {
          if ("returned" in result) {
            const { returned } = result;
            expect(result).toEqual({ returned, storedThen: returned, truthThen: returned });
          } else {
            expect(result.failed).toBeInstanceOf(Error);
            expect(result.failed).not.toBeInstanceOf(NotStored);
          }
        }
      }),
      RUNS,
    ));

  test("return one token when all of PocketPaw's tokens are made before the first is stored", () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), count, async (scheduler, howMany) => {
        let waiting = howMany;
        let release: () => void = () => undefined;
        const all = new Promise<void>((resolve) => (release = resolve));
        const { world, results } = await run(scheduler, howMany, (w, network) => {
          const source = sourceOf(w, network);
          return {
            ...source,
            issue: async () => {
              const token = await source.issue().catch((error: unknown) => error);
              if (--waiting === 0) release();
              await all;
              if (typeof token !== "string") throw token;
              return token;
            },
          };
        });
        for (const result of results) {
          if ("returned" in result) expect(result.returned).toBe(world.stored());
          else expect(result.failed).toBeInstanceOf(Overtaken);
        }
      }),
      RUNS,
    ));

  test("lose no token, whatever request fails: it is stored, or in a response, or in PocketPaw alone because its response was lost", () =>
    fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        count,
        fc.infiniteStream(
          fc.oneof(
            { weight: 6, arbitrary: fc.constant<Failure>(undefined) },
            { weight: 1, arbitrary: fc.constantFrom<Failure>("not sent", "response lost") },
          ),
        ),
        async (scheduler, howMany, failures) => {
          let isResponseLost = false;
          const { world, results } = await run(scheduler, howMany, sourceOf, (label) => {
            const failure = failures.next().value;
            if (label === "issue" && failure === "response lost") isResponseLost = true;
            return failure;
          });
          const { truth, versions } = world.world;
          const reported = results.flatMap((result) =>
            "failed" in result && result.failed instanceof NotStored ? [result.failed.token] : [],
          );
          if (!isResponseLost) {
            expect([world.stored(), ...versions.values(), ...reported]).toContain(truth);
          }
        },
      ),
      RUNS,
    ));
});

const ownSource = (issued: { count: number }): TokenSource => ({
  issue: async () => `t${++issued.count}`,
  isInForce: async () => true,
});

describe("regenerations at the same time, without a PocketPaw", () => {
  test("give a token to exactly one, whose token is stored; all others are overtaken", () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), count, async (scheduler, howMany) => {
        const issued = { count: 0 };
        const { world, results } = await run(scheduler, howMany, () => ownSource(issued));
        const responses = results.flatMap((result) => ("returned" in result ? [result] : []));
        expect(responses).toMatchObject([{ returned: world.stored() }]);
        for (const result of results) {
          if ("failed" in result) expect(result.failed).toBeInstanceOf(Overtaken);
        }
      }),
      RUNS,
    ));
});

describe.each([
  ["without a PocketPaw", () => ({ ...ownSource({ count: 0 }), issue: async () => randomUUID() })],
  ["with a PocketPaw", (w: World, n: Network, cookie: string) => w.strictPocketPawOver(n, cookie)],
])("two regenerations and a revoked session, %s", (_kind, sourceOf) => {
  test("give a token only to a regeneration's own caller", () =>
    fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = createWorld();
        const issuedFor = new Map<string, string>();
        const isRevokedAtStart = new Map<string, boolean>();
        const network: Network = async (label, effect) => {
          await scheduler.schedule(Promise.resolve(), label);
          const result = effect();
          await scheduler.schedule(Promise.resolve(), `${label}, returned`);
          return result;
        };

        async function request(name: string, authorizedVersion: string): Promise<unknown> {
          await scheduler.schedule(Promise.resolve(), `${name}: comes in`);
          isRevokedAtStart.set(name, world.world.current !== authorizedVersion);
          const cookie = world.world.versions.get(authorizedVersion) ?? "";
          const source = sourceOf(world, network, cookie);
          return regenerate({
            secret: world.secretOver(network),
            authorizedVersion,
            source: {
              ...source,
              issue: async () => {
                const token = await source.issue();
                issuedFor.set(token, name);
                return token;
              },
            },
            newVersionId: () => `v-${name}`,
            pause: () => scheduler.schedule(Promise.resolve(), `${name}: pause`),
          }).catch((error: unknown) => error);
        }

        const all = Promise.all([
          // The owner regenerates, and then once more from the session that follows.
          (async () => {
            const first = await request("first", "v0");
            return [first, await request("second", world.world.current)];
          })(),
          request("revoked", "v0"),
        ]);
        await scheduler.waitFor(all);
        const [[first, second], revoked] = await all;
        for (const [name, result] of Object.entries({ first, second, revoked })) {
          if (typeof result === "string") expect(issuedFor.get(result)).toBe(name);
          else expect(result).toBeInstanceOf(Overtaken);
          if (isRevokedAtStart.get(name)) {
            expect(result).toBeInstanceOf(Overtaken);
            expect([...issuedFor.values()]).not.toContain(name);
          }
        }
      }),
      RUNS,
    ));
});
