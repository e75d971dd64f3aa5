import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { RIC_VERSION } from "./container.ts";
import { measureColdStart, measureColdStartLimited } from "./measures/cold-start.ts";
import { measureLoad } from "./measures/load.ts";
import { measureParts } from "./measures/parts.ts";
import { countReads } from "./measures/reads.ts";
import { measureRefresh } from "./measures/refresh.ts";
import { measureRefuse } from "./measures/refuse.ts";
import { measureSign } from "./measures/sign.ts";
import { measureSizes } from "./measures/sizes.ts";
import { measureVerify } from "./measures/verify.ts";
import { measureWarm } from "./measures/warm.ts";
import { FULL, type Options, QUICK } from "./options.ts";
import { renderSection, renderTargets, type Section } from "./report.ts";
import { startSecretsManager } from "./secrets-manager.ts";
import { createSubject, type Subject } from "./subject.ts";

type Measure = (options: Options, subject: Subject) => Promise<Section>;

const MEASURES: Readonly<Record<string, Measure>> = {
  verify: measureVerify,
  sign: measureSign,
  refuse: measureRefuse,
  warm: measureWarm,
  parts: measureParts,
  "cold-start": measureColdStart,
  "cold-start-limited": measureColdStartLimited,
  refresh: measureRefresh,
  reads: countReads,
  sizes: measureSizes,
  load: measureLoad,
};
const QUICK_FLAG = "--quick";

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg !== QUICK_FLAG && !(arg in MEASURES));
if (unknown.length > 0) {
  const names = Object.keys(MEASURES).join(", ");
  console.error(`unknown: ${unknown.join(", ")}; it takes ${names}, ${QUICK_FLAG}`);
  process.exit(2);
}
const options = args.includes(QUICK_FLAG) ? QUICK : FULL;
const chosen = args.filter((arg) => arg !== QUICK_FLAG);

const [load = 0] = loadavg();
if (load > 0.5) console.log(`The machine is busy (load ${load.toFixed(1)}): expect noise.\n`);

const secretsManager = await startSecretsManager();
const subject = createSubject(secretsManager);
const sections: Section[] = [];
for (const name of chosen.length > 0 ? chosen : Object.keys(MEASURES)) {
  const measure = MEASURES[name];
  if (measure === undefined) continue;
  const section = await measure(options, subject);
  sections.push(section);
  console.log(renderSection(section));
}
await secretsManager.close();
if (sections.some(({ targets }) => targets.length > 0)) console.log(renderTargets(sections));

if (options === FULL && chosen.length === 0) {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const head = `# Benchmark results

Written by \`npm run bench\`, ${new Date().toISOString().slice(0, 10)}. Machine: ${machine}, ${process.platform} ${process.arch}. Node ${process.version}, aws-lambda-ric ${RIC_VERSION}. Load average of the minute before: ${load.toFixed(1)}. A ratio is the median of the ratios of runs that stood side by side.
`;
  const results = [head, renderTargets(sections), ...sections.map(renderSection)].join("\n");
  writeFileSync(join(import.meta.dirname, "RESULTS.md"), results);
}
