import { defineConfig } from "vitest/config";

// The tests that run lib/ in the test's own process, where Stryker can activate a mutant. The tests left
// out are slow: they start processes, wait for time limits, or try thousands of events.
export default defineConfig({
  test: {
    include: ["test/{unit,contract}/**/*.test.ts"],
    exclude: [
      "test/contract/{handlers.property,log-secrecy,faults}.test.ts",
      "test/unit/config/load.test.ts",
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
