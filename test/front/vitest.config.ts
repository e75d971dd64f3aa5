import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/front/**/*.test.ts"],
    // They share two cores, and PocketPaw's rate limits.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
