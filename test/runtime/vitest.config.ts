import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/runtime/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    globalSetup: "test/runtime/global-setup.ts",
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
