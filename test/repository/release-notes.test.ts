import { describe, expect, test } from "vitest";
import { releaseNotes } from "../../scripts/release-notes.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

## [0.2.0] - 2026-12-01

### Added

- A route.

## [0.1.0] - 2026-11-24

- The first.
`;

describe("release notes", () => {
  test("are the version's section, without its heading", () => {
    expect(releaseNotes("v0.2.0", "0.2.0", CHANGELOG)).toBe("### Added\n\n- A route.\n");
    expect(releaseNotes("v0.1.0", "0.1.0", CHANGELOG)).toBe("- The first.\n");
  });

  test.each([
    ["a tag without a version", "latest", "0.2.0", CHANGELOG, 'The tag is "latest"'],
    ["a tag of another version", "v0.3.0", "0.2.0", CHANGELOG, 'package.json has version "0.2.0"'],
    ["a version without a section", "v0.3.0", "0.3.0", CHANGELOG, 'no section "## [0.3.0]'],
    [
      "a section without a date",
      "v0.2.0",
      "0.2.0",
      CHANGELOG.replace(" - 2026-12-01", ""),
      'no section "## [0.2.0] - ',
    ],
    [
      "lines that are not released",
      "v0.2.0",
      "0.2.0",
      CHANGELOG.replace("[Unreleased]\n", "[Unreleased]\n\n- A page.\n"),
      "lines under [Unreleased]",
    ],
    [
      "an empty section",
      "v0.2.0",
      "0.2.0",
      CHANGELOG.replace("### Added\n\n- A route.\n", ""),
      "says nothing under [0.2.0]",
    ],
  ])("stop the release: %s", (_, tag, version, changelog, message) => {
    expect(() => releaseNotes(tag, version, changelog)).toThrow(message);
  });
});
