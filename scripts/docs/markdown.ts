import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isSource, ROOT } from "../../test/support/checkout.ts";

/** The paths of all Markdown files that are written here, relative to the project's folder. */
export function markdownFiles(folder = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => isSource(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return markdownFiles(path);
      return entry.name.endsWith(".md") ? [relative(ROOT, path)] : [];
    });
}

/** A fenced block of code. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** A page of the documentation, as far as it is checked. */
export interface Page {
  /** Relative to the project's folder. */
  readonly path: string;
  /** Targets of links and pictures, as written. */
  readonly links: readonly string[];
  /** Anchors of the headings, as GitHub makes them. */
  readonly anchors: readonly string[];
  readonly blocks: readonly Block[];
  /** Commands in indented code, where nothing checks them. */
  readonly uncheckedCommands: readonly string[];
  /** Inline code. */
  readonly code: readonly string[];
}

const FENCE = /^( *)```(\w*)\n(.*?)^\1```$/gms;
const INLINE_CODE = /`([^`\n]+)`/g;
const LINK = /\]\(([^)\s]+)\)/g;

/**
 * Reads a page.
 *
 * @param path relative to the project's folder
 */
export function readPage(path: string): Page {
  return parsePage(path, readFileSync(join(ROOT, path), "utf8"));
}

/** The same, of a text that is not stored. */
export function parsePage(path: string, text: string): Page {
  const blocks = [...text.matchAll(FENCE)].map(([, indent = "", language = "", body = ""]) => ({
    language,
    text: body.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  }));
  const prose = text.replace(FENCE, "");
  return {
    path,
    blocks,
    uncheckedCommands: groups(prose, /^ {4,}((?:aws|curl|export|npm|npx|pip|sam) .*)$/gm),
    code: groups(prose, INLINE_CODE),
    links: groups(prose.replace(INLINE_CODE, "code"), LINK),
    anchors: anchorsOf(groups(prose, /^#{1,6} (.+)$/gm)),
  };
}

/** GitHub: lower case, without punctuation, spaces as hyphens; the second of the same name gets -1. */
function anchorsOf(headings: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return headings.map((heading) => {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

function groups(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, group = ""]) => group);
}
