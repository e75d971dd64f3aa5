import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/openapi/**/*.test.ts"],
    globalSetup: "test/openapi/global-setup.ts",
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
