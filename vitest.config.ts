import { readFileSync } from "node:fs";
import { configDefaults, defineConfig, type TestProjectConfiguration } from "vitest/config";

/** What each suite but `unit` needs beside Node and npm is in CONTRIBUTING.md. */
const SUITES = [
  "runtime",
  "deployed",
  "front",
  "dashboard",
  "examples",
  "openapi",
  "docs",
] as const;

/** These install or start what their files share. */
const SET_UP: readonly string[] = ["runtime", "deployed", "dashboard", "examples", "openapi"];

/** These share one deployment or PocketPaw's rate limits, and two cores. */
const ONE_FILE_AT_A_TIME: readonly string[] = ["deployed", "front", "examples", "docs"];

/** A bound on what hangs, never a promise: real servers and processes start on busy machines. */
const LIMITS = { testTimeout: 60_000, hookTimeout: 120_000 };
const BROWSER_LIMITS = { testTimeout: 180_000, hookTimeout: 180_000 };

/** For test/mutation: the tests that are to notice a change, without those of many random events. */
const NOTICING = process.env.MUTATION_TESTS?.split(" ").map((files) => `${files}.test.ts`);

/** A project for each folder of test/ that needs more than Node and npm: `vitest run --project front`. */
const suites = SUITES.map(
  (name): TestProjectConfiguration => ({
    extends: true,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      globalSetup: SET_UP.includes(name) ? `test/${name}/global-setup.ts` : [],
      fileParallelism: !ONE_FILE_AT_A_TIME.includes(name),
      ...(name === "dashboard" || name === "openapi" ? BROWSER_LIMITS : LIMITS),
    },
  }),
);

export default defineConfig({
  // The page is imported as text, as esbuild does it in the packages.
  plugins: [
    {
      name: "html-as-text",
      enforce: "pre",
      load: (id) =>
        id.endsWith(".html") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))}` : null,
    },
  ],
  test: {
    // The SDK's next version needs Node 22; Lambda runs the functions on Node 24.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: NOTICING ?? ["test/**/*.test.ts"],
          exclude: [
            ...configDefaults.exclude,
            ...(NOTICING ? ["**/*.property.test.ts"] : [`test/{${SUITES.join(",")}}/**`]),
          ],
          ...LIMITS,
        },
      },
      ...(NOTICING ? [] : suites),
    ],
  },
});
