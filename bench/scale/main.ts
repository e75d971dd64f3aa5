import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scalePage } from "./page.ts";

// Writes docs/scale.md; with --check it changes nothing, and fails where the page says something else.
const PAGE = join(import.meta.dirname, "..", "..", "docs", "scale.md");

if (!process.argv.includes("--check")) writeFileSync(PAGE, scalePage());
else if (readFileSync(PAGE, "utf8") !== scalePage()) {
  console.error(
    "docs/scale.md is not what npm run bench:scale writes: run it, and commit the page",
  );
  process.exit(1);
}
