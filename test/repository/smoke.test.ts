import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runChecks } from "../../smoke/run.ts";
import { startContractServer } from "../smoke/support/gateway.ts";
import { ROOT } from "../support/checkout.ts";

test("docs/smoke.md describes every row of the smoke test, in the order of a run, and no other", async () => {
  const page = readFileSync(join(ROOT, "docs", "smoke.md"), "utf8");
  const section = page.slice(page.indexOf("## The rows"), page.indexOf("## What no emulator"));
  const described = [...section.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
  );

  const server = await startContractServer(true);
  const names: string[] = [];
  await runChecks({
    url: new URL(server.url),
    masterToken: server.masterToken,
    regenerate: false,
    now: Date.now,
    onRow: ({ name }) => void names.push(name),
  });
  await server.close();
  expect(described).toEqual(names);
});

test("docs/smoke.md rests on rows that exist", () => {
  const page = readFileSync(join(ROOT, "docs", "smoke.md"), "utf8");
  const rows = page.slice(page.indexOf("## The rows"), page.indexOf("## What no emulator"));
  const table = page.slice(page.indexOf("## What no emulator"), page.indexOf("## What the smoke"));
  const cells = [...table.matchAll(/^\|.*\| ([^|]*) \|$/gm)].map(([, cell = ""]) => cell);
  const named = cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([name]) => name));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((name) => !rows.includes(name))).toEqual([]);
});
