import { readFileSync } from "node:fs";
import { join } from "node:path";

// `tsx scripts/release-notes.ts v0.2.0` prints the notes of a release, for .github/workflows/release.yml.

/**
 * The section of a version in the changelog.
 *
 * @param tag such as `v0.2.0`
 * @param version of package.json
 * @param changelog in the form of Keep a Changelog 1.1.0
 * @returns Markdown without the heading
 * @throws Error of one line when tag, version and changelog do not agree
 */
export function releaseNotes(tag: string, version: string, changelog: string): string {
  if (!/^v\d+\.\d+\.\d+$/.test(tag)) {
    throw new Error(`The tag is "${tag}"; it must be v and a version, such as v0.2.0`);
  }
  if (tag !== `v${version}`) {
    throw new Error(`The tag is "${tag}" and package.json has version "${version}"`);
  }
  const sections = changelog.split(/^## /m).slice(1);
  const unreleased = sections.find((section) => section.startsWith("[Unreleased]"));
  if (unreleased !== undefined && bodyOf(unreleased) !== "") {
    throw new Error(`CHANGELOG.md has lines under [Unreleased]; move them under [${version}]`);
  }
  const found = sections.find((section) => section.startsWith(`[${version}]`));
  const [heading = ""] = found?.split("\n", 1) ?? [];
  if (found === undefined || !/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/.test(heading)) {
    throw new Error(`CHANGELOG.md has no section "## [${version}] - <year>-<month>-<day>"`);
  }
  const notes = bodyOf(found);
  if (notes === "") throw new Error(`CHANGELOG.md says nothing under [${version}]`);
  return `${notes}\n`;
}

function bodyOf(section: string): string {
  return section.slice(section.indexOf("\n")).trim();
}

if (process.argv[1] === import.meta.filename) {
  const read = (name: string) => readFileSync(join(import.meta.dirname, "..", name), "utf8");
  const { version } = JSON.parse(read("package.json"));
  try {
    process.stdout.write(releaseNotes(process.argv[2] ?? "", version, read("CHANGELOG.md")));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
