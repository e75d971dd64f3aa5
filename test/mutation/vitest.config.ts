import { defineConfig } from "vitest/config";

// The tests that main.ts names. Tests that start processes are left out: no change is seen there.
export default defineConfig({
  test: {
    include: (process.env.MUTATION_TESTS ?? "").split(" "),
    exclude: ["test/unit/config/load.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
