import fc from "fast-check";
import { expect, test } from "vitest";
import { authenticate } from "../../../lib/auth/authenticate.ts";
import { createTestKeyring } from "../../support/keyring.ts";
import { named } from "../../support/secret-store.ts";
import { sessionToken } from "../../support/tokens.ts";

const FRESH = 60;
const STALE = 900;
const COOLDOWN = 5;

/** One thing that happens to a container, or to the secrets behind its back. */
type Happening =
  | { what: "wait"; seconds: number }
  | { what: "rotate" | "regenerate" | "fail" | "recover" }
  /** A token of the pair of secrets that was current so many changes ago. */
  | { what: "request"; age: number };

const happenings: fc.Arbitrary<Happening[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constant("wait" as const),
        seconds: fc.oneof(
          fc.constantFrom(0.5, 4.9, 5, 59.9, 60, 900),
          fc.integer({ min: 1, max: 1_000 }),
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        what: fc.constantFrom(
          "rotate" as const,
          "regenerate" as const,
          "fail" as const,
          "recover" as const,
        ),
      }),
    },
    { weight: 5, arbitrary: fc.record({ what: fc.constant("request" as const), age: fc.nat(3) }) },
  ),
  { minLength: 1, maxLength: 40 },
);

/** A pair of secrets; unix seconds from when on its tokens were to be refused. */
interface Pair {
  master: string;
  key: string;
  endedAt: number;
}

/** Plays what happens, and calls `judge` for each request that was decided. */
async function play(all: Happening[], judge: (decided: Decided) => void): Promise<void> {
  const { keyring, clock, store } = createTestKeyring();
  const pairs: Pair[] = [];
  let changes = 0;
  let isHealthy = true;
  let healthySince = clock.seconds();
  let readAt = Number.NEGATIVE_INFINITY;
  let busyAt = Number.NEGATIVE_INFINITY;
  const change = (next: { master?: string; key?: string }) => {
    changes += 1;
    const last = pairs.at(-1);
    const master = next.master ?? last?.master ?? `master-${changes}`;
    const key = next.key ?? last?.key ?? `key-${changes}`.padEnd(32, "k");
    // Of the pairs under the master token of now, the last two are good; no other is.
    const good = (pair: Pair) => pair.master === master && pair === last;
    for (const pair of pairs)
      if (!good(pair)) pair.endedAt = Math.min(pair.endedAt, clock.seconds());
    pairs.push({ master, key, endedAt: Number.POSITIVE_INFINITY });
    stored.current = { master, key };
    stored.previous = key === last?.key ? stored.previous : last?.key;
    show();
  };
  const stored: { current: { master: string; key: string }; previous: string | undefined } = {
    current: { master: "", key: "" },
    previous: undefined,
  };
  const show = () => {
    const down = named("InternalServiceError", "down");
    store.values.master = isHealthy ? stored.current.master : down;
    store.values.key = isHealthy ? stored.current.key : down;
    store.values.previous = isHealthy ? stored.previous : down;
  };
  change({});

  for (const happening of all) {
    switch (happening.what) {
      case "wait":
        clock.advance(happening.seconds);
        break;
      case "rotate":
        change({ key: `key-${changes + 1}`.padEnd(32, "k") });
        break;
      case "regenerate":
        change({ master: `master-${changes + 1}` });
        break;
      case "fail":
      case "recover":
        if (!isHealthy && happening.what === "recover") healthySince = clock.seconds();
        isHealthy = happening.what === "recover";
        show();
        break;
      case "request": {
        const pair = pairs.at(-1 - happening.age);
        if (pair === undefined) break;
        const now = clock.seconds();
        const reads = store.reads.key;
        const token = sessionToken(pair.master, pair.key, Math.floor(now) + 3_600);
        const decision = await authenticate(
          [{ token, source: "authorization" }],
          keyring,
          ["session"],
          now,
        )
          .then(({ accepted }) => (accepted ? "accepted" : "refused"))
          .catch(() => "failed");
        judge({
          decision,
          endedFor: now - pair.endedAt,
          healthyFor: isHealthy ? now - healthySince : 0,
          isHealthy,
          quietFor: now - busyAt,
        });
        // A read before one was due, or a second one, was a renewal.
        const due = now - readAt >= FRESH ? 1 : 0;
        if (store.reads.key > reads + due || !isHealthy) busyAt = now;
        if (store.reads.key > reads) readAt = now;
      }
    }
  }
}

interface Decided {
  decision: string;
  /** How long the token's secrets are out of use, seconds; negative while they are in use. */
  endedFor: number;
  healthyFor: number;
  isHealthy: boolean;
  /** How long ago the last request renewed the keys, or was made while they could not be read. */
  quietFor: number;
}

const RUNS = { numRuns: 500 };

test("no token outlives its secrets by more than 900 s, and none by 65 s while they can be read", async () => {
  await fc.assert(
    fc.asyncProperty(happenings, (all) =>
      play(all, ({ decision, endedFor, healthyFor }) => {
        if (decision !== "accepted") return;
        expect(endedFor).toBeLessThan(STALE);
        if (healthyFor >= COOLDOWN) expect(endedFor).toBeLessThan(FRESH + COOLDOWN);
      }),
    ),
    RUNS,
  );
});

test("a token whose secrets are in use is accepted at once, whatever the container has cached", async () => {
  await fc.assert(
    fc.asyncProperty(happenings, (all) =>
      play(all, ({ decision, endedFor, isHealthy, quietFor }) => {
        if (endedFor < 0 && isHealthy && quietFor >= COOLDOWN) expect(decision).toBe("accepted");
      }),
    ),
    RUNS,
  );
});

test("a token whose secrets are in use is not refused while they cannot be read: 500, never 403", async () => {
  await fc.assert(
    fc.asyncProperty(
      happenings.map((all) => all.filter(({ what }) => what !== "rotate" && what !== "regenerate")),
      (all) =>
        play(all, ({ decision, endedFor }) => {
          if (endedFor < 0) expect(decision).not.toBe("refused");
        }),
    ),
    RUNS,
  );
});
