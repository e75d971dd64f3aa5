import { describe, expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { json } from "./support/contract.ts";
import { type Fault, startContractServer } from "./support/gateway.ts";
import { WRONG_GATEWAYS } from "./wrong/index.ts";

/** Rows that apply only with PocketPaw behind the gateway. */
const POCKETPAW_ROWS = ["page", "pocketpaw", "policy", "websocket", "websocket-foreign"];

/** Runs all checks against a gateway; the rows by what was found. */
async function runAgainst(
  fault: Fault,
  {
    hasPocketPaw = true,
    regenerate = false,
  }: { hasPocketPaw?: boolean; regenerate?: boolean } = {},
) {
  const server = await startContractServer(hasPocketPaw, fault);
  const rows: Record<"holds" | "does not hold" | "not applicable", string[]> = {
    holds: [],
    "does not hold": [],
    "not applicable": [],
  };
  try {
    await runChecks({
      url: new URL(server.url),
      masterToken: server.masterToken,
      regenerate,
      now: Date.now,
      onRow: ({ name }, { verdict }) => void rows[verdict].push(name),
      regenerationLimitMilliseconds: 0,
    });
  } finally {
    await server.close();
  }
  return { rows, seen: server.seen };
}

describe("a gateway that does what the contract says", () => {
  test("passes every row with PocketPaw behind it, regeneration included", async () => {
    const { rows } = await runAgainst({}, { regenerate: true });
    expect([rows["does not hold"], rows["not applicable"]]).toEqual([[], []]);
  });

  test("passes every row that applies without PocketPaw", async () => {
    const { rows } = await runAgainst({}, { hasPocketPaw: false, regenerate: true });
    expect([rows["does not hold"], rows["not applicable"]]).toEqual([[], POCKETPAW_ROWS]);
  });

  test("is asked to regenerate only with the flag", async () => {
    const { rows, seen } = await runAgainst({});
    expect(rows["not applicable"]).toEqual(["regeneration"]);
    expect(seen.filter(({ path }) => path.includes("regenerate"))).toEqual([]);
  });

  test("is asked for nothing but reads, logins, exchanges and a route that does not exist", async () => {
    const { seen } = await runAgainst({});
    const others = seen.filter(
      ({ method, path }) =>
        !["GET", "HEAD", "OPTIONS"].includes(method) &&
        !/(auth|%61uth).+(login|logout|session)/.test(path) &&
        path !== "/api/smoke-test",
    );
    expect(others).toEqual([]);
  });
});

describe("a gateway that", () => {
  const named = WRONG_GATEWAYS.map((wrong) => [wrong.title, wrong] as const);
  test.each(named)("%s fails its rows", async (_, { rows, hasPocketPaw, ...fault }) => {
    const found = await runAgainst(fault, {
      hasPocketPaw: hasPocketPaw ?? true,
      regenerate: rows.includes("regeneration"),
    });
    expect(found.rows["does not hold"]).toEqual(rows);
  });

  test("accepts everything fails every row that something wrong can fail", async () => {
    const { rows } = await runAgainst({
      answer: (right, { method, path }, contract) =>
        method === "POST" || path === "/"
          ? json(200, { session_token: contract.newSession(2e9) })
          : json(200, { ...JSON.parse(right.body || "{}"), authenticated: true }),
      upgrade: () => 101,
    });
    expect(rows["does not hold"]).toEqual(
      expect.arrayContaining([
        ...["second-session", "challenge", "no-credential", "forged", "expired", "login", "logout"],
        ...["own-origin", "foreign-origin", "encoded-path", "extra-slash", "websocket-foreign"],
      ]),
    );
  });
});

test("every row has a gateway that fails it", async () => {
  const { rows } = await runAgainst({}, { regenerate: true });
  const failed = new Set(WRONG_GATEWAYS.flatMap((wrong) => wrong.rows));
  expect([...failed].sort()).toEqual([...rows.holds].sort());
});
