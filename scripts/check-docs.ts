import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { ROOT } from "../test/support/checkout.ts";
import { floodTable, monthTable } from "./costs.ts";
import { BY_CI, commandsOf, NOT_RUN, TRIED } from "./docs/commands.ts";
import { markdownFiles, type Page, readPage } from "./docs/markdown.ts";

// Part of `npm run check`: what the documentation points at exists. Without a network.

/** Not pages that are read on their own, or not written here. */
const LEFT_OUT = /^\.github\//;

/** Names that CONTRIBUTING.md makes up, and files that exist while `npm start` runs. */
const INVENTED = /whoami|^\.local\//;

const pages = markdownFiles()
  .filter((path) => !LEFT_OUT.test(path))
  .map(readPage);

const problems = [
  ...pages.flatMap((page) => [
    ...deadLinks(page),
    ...missingScripts(page),
    ...missingFiles(page),
    ...badSyntax(page),
    ...page.uncheckedCommands.map((line) => `${page.path}: put this into a bash block: ${line}`),
  ]),
  ...unclassifiedCommands(),
  ...oldTables(),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

/** Links to files and headings that do not exist. */
function deadLinks({ path, links }: Page): string[] {
  return links
    .filter((link) => !/^(https|mailto):/.test(link))
    .flatMap((link) => {
      const [file = "", anchor] = link.split("#", 2);
      const target = file === "" ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(ROOT, target))) return [`${path}: ${link} leads to no file`];
      if (anchor === undefined) return [];
      const anchors = pages.find((page) => page.path === target)?.anchors ?? [];
      return anchors.includes(anchor) ? [] : [`${path}: ${link} leads to no heading`];
    });
}

/** `npm run …` of scripts that do not exist. */
function missingScripts({ path, code, blocks }: Page): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return [...code, ...blocks.map(({ text }) => text)]
    .flatMap((text) => [...text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)])
    .flatMap(([, name = ""]) =>
      name in scripts ? [] : [`${path}: package.json has no script ${name}`],
    );
}

/** Files that are named in code and do not exist, beside the page or in the project's folder. */
function missingFiles({ path, code, blocks }: Page): string[] {
  const folder = dirname(path);
  const here = new Set([...readdirSync(ROOT), ...readdirSync(join(ROOT, folder))]);
  return [...code, ...blocks.map(({ text }) => text)]
    .flatMap((text) => text.match(/(?<![\w./~:@<-])[\w.-]+(?:\/[\w.-]+)*\/?(?![\w/])/g) ?? [])
    .filter((name) => /\/|\.(ts|js|mjs|json|ya?ml|md|conf|map)$/.test(name))
    .filter((name) => here.has(name.split("/", 1)[0] ?? "") || /^[\w-]+\.\w+$/.test(name))
    .filter((name) => !INVENTED.test(name))
    .filter((name) => !existsSync(join(ROOT, folder, name)) && !existsSync(join(ROOT, name)))
    .map((name) => `${path}: there is no ${name}`);
}

/** Blocks that a shell cannot parse; `<…>` is for the reader to replace. */
function badSyntax({ path, blocks }: Page): string[] {
  return blocks
    .filter(({ language }) => language === "bash")
    .flatMap(({ text }) => {
      const input = text.replace(/<[A-Za-z][\w' ]*>/g, "placeholder");
      const { status, stderr } = spawnSync("bash", ["-n"], { input, encoding: "utf8" });
      return status === 0 ? [] : [`${path}: ${stderr.trim()}`];
    });
}

/** Commands that scripts/docs/commands.ts does not list, and entries that are on no page. */
function unclassifiedCommands(): string[] {
  const known = [...TRIED, ...Object.keys(BY_CI), ...NOT_RUN.map(([command]) => command)];
  const found = pages.map((page) => ({ path: page.path, commands: commandsOf(page) }));
  const all = new Set(found.flatMap(({ commands }) => commands));
  return [
    ...found.flatMap(({ path, commands }) =>
      commands
        .filter((command) => !known.includes(command))
        .map(
          (command) =>
            `${path}: say in scripts/docs/commands.ts how this command is tried: ${command}`,
        ),
    ),
    ...known
      .filter((command) => !all.has(command))
      .map((command) => `scripts/docs/commands.ts: no page has: ${command}`),
  ];
}

/** docs/costs.md, beside what `npm run costs` prints. */
function oldTables(): string[] {
  const page = readFileSync(join(ROOT, "docs", "costs.md"), "utf8");
  return [monthTable(), floodTable()].every((table) => page.includes(table))
    ? []
    : ["docs/costs.md does not have the tables that npm run costs prints"];
}
