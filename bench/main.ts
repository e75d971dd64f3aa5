import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { type Product, packageFunctions } from "./bundles.ts";
import { RIC_VERSION } from "./container.ts";
import { measureColdStart } from "./measures/cold-start.ts";
import { measureFirstLoad } from "./measures/first-load.ts";
import { measureRefresh } from "./measures/refresh.ts";
import { measureStream } from "./measures/stream.ts";
import { measureTokens } from "./measures/tokens.ts";
import { measureWarm } from "./measures/warm.ts";
import { FULL, type Options, QUICK } from "./options.ts";
import { renderMeanings, renderSection, renderTargets, type Section } from "./report.ts";
import { startSecretsManager } from "./secrets-manager.ts";

// run.mjs checks the arguments, and has the list of measures for its usage.

type Measure = (options: Options, product: Product) => Promise<Section>;

const MEASURES: Readonly<Record<string, Measure>> = {
  tokens: measureTokens,
  warm: measureWarm,
  "cold-start": measureColdStart,
  refresh: measureRefresh,
  stream: measureStream,
  "first-load": measureFirstLoad,
};

const args = process.argv.slice(2);
const options = args.includes("--quick") ? QUICK : FULL;
const chosen = Object.entries(MEASURES).filter(([name]) => args.includes(name));

const [load = 0] = loadavg();
if (load > 0.5) console.log(`The machine is busy (load ${load.toFixed(1)}): expect noise.\n`);

const secretsManager = await startSecretsManager();
const product = { functions: packageFunctions(), secretsManager };
const sections: Section[] = [];
for (const [, measure] of chosen.length > 0 ? chosen : Object.entries(MEASURES)) {
  const section = await measure(options, product);
  sections.push(section);
  console.log(renderSection(section));
}
await secretsManager.close();
console.log(renderTargets(sections));

if (options === FULL && chosen.length === 0) {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const head = `# Benchmark results

## What they mean

${renderMeanings(sections)}

Written by \`npm run bench\`, ${new Date().toISOString().slice(0, 10)}. Machine: ${machine}, ${process.platform} ${process.arch}. Node ${process.version}, aws-lambda-ric ${RIC_VERSION}. Load average of the minute before: ${load.toFixed(1)}. A ratio is the median of the ratios of runs that stood side by side.
`;
  const results = [head, renderTargets(sections), ...sections.map(renderSection)].join("\n");
  writeFileSync(join(import.meta.dirname, "RESULTS.md"), results);
}
