import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import vitestConfig from "../../vitest.config.ts";
import { isSource, ROOT } from "../support/checkout.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const script = read(".ci/run");
const [, list = ""] = /^ALL=\((.*)\)$/m.exec(script) ?? [];
const parts = list.split(" ");
const { scripts } = JSON.parse(read("package.json"));

/** What `.ci/run` calls that is no part. */
const HELPERS = ["step", "install_runtime"];

test(".ci/run runs every part that it defines", () => {
  const defined = [...script.matchAll(/^(\w+)\(\) \{/gm)].map(([, name = ""]) => name);
  expect(parts).toEqual(defined.filter((name) => !HELPERS.includes(name)));
});

test(".ci/run runs every npm script that tests or checks", () => {
  const checks = Object.keys(scripts).filter((name) => /^(test|check|bench)/.test(name));
  const ran = checks.filter((name) => new RegExp(`npm (run )?${name}( |$)`, "m").test(script));
  expect(ran).toEqual(checks);
});

test("every vitest project has an npm script", () => {
  const projects = vitestConfig.test?.projects?.map((project) => {
    if (typeof project !== "object" || !("test" in project)) throw new Error("a project by name");
    return `vitest run --project ${project.test?.name}`;
  });
  const runs = Object.values<string>(scripts)
    .filter((command) => command.startsWith("vitest"))
    .map((command) => command.replace(/ --maxWorkers=\S+$/, ""));
  expect(runs.sort()).toEqual(projects?.sort());
});

test("the GitHub workflow runs every part, and the unit tests on Node 24 too", () => {
  const { jobs } = parse(read(".github/workflows/ci.yml"));
  const matrix: { parts: string; node: number }[] = jobs.part.strategy.matrix.include;
  const ran = matrix.flatMap(({ parts, node }) =>
    parts.split(" ").map((part) => (part === "unit" && node === 24 ? "node24" : part)),
  );
  expect(ran.sort()).toEqual([...parts].sort());
});

test("no workflow leaves a token in the checkout, and each action is pinned by its commit", () => {
  const workflows = readdirSync(join(ROOT, ".github", "workflows"));
  for (const name of workflows) {
    const { jobs } = parse(read(`.github/workflows/${name}`));
    const all: { steps: { uses?: string; with?: Record<string, unknown> }[] }[] =
      Object.values(jobs);
    for (const { uses = "", with: inputs } of all.flatMap(({ steps }) => steps)) {
      expect(uses).toMatch(/^$|^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      if (uses.startsWith("actions/checkout@")) expect(inputs?.["persist-credentials"]).toBe(false);
    }
  }
});

test("Dependabot watches every folder with packages", () => {
  const below = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && isSource(entry.name))
      .map(({ name }) => `${folder}/${name}`);
  const folders = ["", ...below(""), ...below("").flatMap(below)];
  const packages = folders.filter((folder) => existsSync(join(ROOT, folder, "package.json")));
  const { updates } = parse(read(".github/dependabot.yml"));
  expect(updates[0].directories.sort()).toEqual(packages.map((path) => path || "/").sort());
});
