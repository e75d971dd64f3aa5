import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/deployed/**/*.test.ts"],
    globalSetup: "test/deployed/global-setup.ts",
    // They share one deployment, PocketPaw's rate limits, and two cores.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
