import { expect, test } from "vitest";
import { commandsOf } from "../../scripts/docs/commands.ts";
import { parsePage } from "../../scripts/docs/markdown.ts";

const PAGE = parsePage(
  "docs/page.md",
  `# A page: its \`code\`, and more

## Twice
## Twice

[a link](other.md#part) and ![a picture](images/a.png), not \`[code](no.md)\`.

1. A step.

   \`\`\`bash
   aws sts get-caller-identity   # who am I
   curl -X POST "$API" \\
     -H 'A: b'
   API=https://…
   \`\`\`

\`\`\`text
[no link](nowhere.md)
\`\`\`

    npm run indented

Run \`npx cdk deploy\`, or \`npm start\`.
`,
);

test("a page's links are those outside code", () => {
  expect(PAGE.links).toEqual(["other.md#part", "images/a.png"]);
});

test("a page's anchors are those that GitHub makes", () => {
  expect(PAGE.anchors).toEqual(["a-page-its-code-and-more", "twice", "twice-1"]);
});

test("a page's commands are those of its bash blocks, each in one line, and those in its text", () => {
  expect(commandsOf(PAGE)).toEqual([
    "aws sts get-caller-identity",
    `curl -X POST "$API" -H 'A: b'`,
    "npx cdk deploy",
  ]);
});

test("a command in indented code is found, because nothing checks it there", () => {
  expect(PAGE.uncheckedCommands).toEqual(["npm run indented"]);
});
