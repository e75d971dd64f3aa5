import { type IssuedToken, type Outcome, quantile } from "./load.ts";

/** When a rotation ran, `performance.now()`. */
export interface Rotation {
  readonly beganAt: number;
  readonly endedAt: number;
}

export interface LoadRun {
  readonly outcomes: readonly Outcome[];
  readonly rotations: readonly Rotation[];
  readonly startedAt: number;
  readonly freshSeconds: number;
}

/**
 * The right result of a request. A key is current or previous until the rotation after the next
 * one begins, and is neither to any container once that has ended and FRESH seconds have passed.
 */
function isWrong({ issued, sentAt, respondedAt, result }: Outcome, run: LoadRun): boolean {
  const ends = run.rotations[issued.key + 1];
  if (result === "failed") return true;
  if (result === "refused") return ends === undefined || respondedAt < ends.beganAt;
  return ends !== undefined && sentAt > ends.endedAt + run.freshSeconds * 1000;
}

/** Prints the figures; true when every result is right, and enough was seen. */
export function report(run: LoadRun): boolean {
  const { outcomes, rotations, startedAt } = run;
  const seconds = (time: number) => ((time - startedAt) / 1000).toFixed(2);

  for (const [index, { beganAt, endedAt }] of rotations.entries()) {
    const took = (endedAt - beganAt).toFixed(0);
    console.log(`rotation ${index + 1} began at ${seconds(beganAt)} s and took ${took} ms`);
  }
  console.log("\n| tokens issued | under key | requests | accepted | refused | failed | wrong |");
  console.log("|---|---|---|---|---|---|---|");
  for (const [group, members] of groupsOf(run)) {
    const count = (result: Outcome["result"]) =>
      members.filter((outcome) => outcome.result === result).length;
    const wrong = members.filter((outcome) => isWrong(outcome, run)).length;
    const counts = [members.length, count("accepted"), count("refused"), count("failed"), wrong];
    console.log(`| ${group} | ${counts.join(" | ")} |`);
  }

  const latencies = outcomes.map(({ sentAt, respondedAt }) => respondedAt - sentAt);
  const [median, p99, longest] = [0.5, 0.99, 1].map((share) =>
    quantile(latencies, share).toFixed(1),
  );
  console.log(
    `\n${outcomes.length} requests: median ${median} ms, p99 ${p99} ms, longest ${longest} ms`,
  );

  const second = rotations[1];
  const ofFirstKey = outcomes.filter(({ issued }) => issued.key === 0);
  const acceptedLate = ofFirstKey.filter(
    ({ result, sentAt }) => second && result === "accepted" && sentAt > second.endedAt,
  );
  const last = Math.max(0, ...acceptedLate.map(({ sentAt }) => sentAt - (second?.endedAt ?? 0)));
  console.log(
    `last acceptance under the first key: ${last.toFixed(0)} ms after the second rotation ` +
      `(SECRETS_FRESH_SECONDS is ${run.freshSeconds})`,
  );

  const wrong = outcomes.filter((outcome) => isWrong(outcome, run)).length;
  const refusedAtEnd = ofFirstKey.some(({ result }) => result === "refused");
  const keys = new Set(outcomes.map(({ issued }) => issued.key)).size;
  console.log(`wrong results: ${wrong}`);
  if (!refusedAtEnd) console.error("no token of the first key was refused");
  if (keys !== 3) console.error(`tokens of ${keys} keys were tried, not of 3`);
  return wrong === 0 && refusedAtEnd && keys === 3;
}

/** The requests by when their token was issued, and by its key. */
function groupsOf(run: LoadRun): Map<string, Outcome[]> {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of run.outcomes) {
    const group = `${phaseOf(outcome.issued, run)} | ${outcome.issued.key + 1}`;
    const members = groups.get(group);
    if (members) members.push(outcome);
    else groups.set(group, [outcome]);
  }
  return new Map([...groups].sort(([, a], [, b]) => firstIssued(a) - firstIssued(b)));
}

const firstIssued = ([first]: readonly Outcome[]) => first?.issued.issuedAt ?? 0;

function phaseOf({ issuedAt }: IssuedToken, { rotations, freshSeconds }: LoadRun): string {
  const [first, second] = rotations;
  if (first === undefined || second === undefined) return "?";
  const fresh = freshSeconds * 1000;
  if (issuedAt < first.beganAt) return "before the first rotation";
  if (issuedAt < first.endedAt + fresh) return "during the first, and while it gets about";
  if (issuedAt < second.beganAt) return "between the two";
  if (issuedAt < second.endedAt + fresh) return "during the second, and while it gets about";
  return "after the second";
}
