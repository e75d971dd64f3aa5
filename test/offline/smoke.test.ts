import { expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { startGateway } from "../support/offline.ts";

// With a real PocketPaw behind it, and with regeneration, which takes a minute: test/dashboard/smoke.test.ts.
test("the laptop's gateway passes every row of the smoke test that applies without PocketPaw", async () => {
  const gateway = await startGateway();
  const rows: Record<string, string[]> = {};
  try {
    await runChecks({
      url: new URL(gateway.url),
      masterToken: gateway.masterToken,
      regenerate: false,
      now: Date.now,
      onRow: ({ name }, { verdict }) => {
        rows[verdict] = [...(rows[verdict] ?? []), name];
      },
    });
  } finally {
    await gateway.stop();
  }
  expect(rows["does not hold"]).toBeUndefined();
  expect(rows["not applicable"]).toEqual([
    "page",
    "pocketpaw",
    "policy",
    "websocket",
    "websocket-foreign",
    "regeneration",
  ]);
});
