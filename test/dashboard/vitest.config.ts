import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/dashboard/**/*.test.ts"],
    globalSetup: "test/dashboard/global-setup.ts",
    // Each worker runs a browser, and some a gateway and a PocketPaw of their own, on two cores.
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
