import { configDefaults, defineConfig } from "vitest/config";

// What needs no more than Node and npm; test/runtime and test/deployed need more, and have their own.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [
      ...configDefaults.exclude,
      "test/{dashboard,deployed,examples,front,openapi,runtime}/**",
    ],
    // A bound on what hangs, never a promise: real servers and processes start on busy machines.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
