import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/examples/**/*.test.ts"],
    globalSetup: "test/examples/global-setup.ts",
    // They share one emulator and two cores.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
