import { type Headers, headerOf, type Reply } from "./client.ts";
import { NoResponse } from "./failures.ts";
import type { Gateway } from "./gateway.ts";

/** What a check found, and more about it. No text repeats anything that a server sent, statuses apart. */
export interface Finding {
  readonly verdict: "holds" | "does not hold" | "not applicable";
  readonly details: readonly string[];
}

/** A problem, or nothing. */
export type Problem = string | false | undefined;

/** The statuses that a request may get, the request as `Send` takes it, and its name where that says too little. */
export type Ask = readonly [
  statuses: number | readonly number[],
  request: string,
  headers?: Headers,
  what?: string,
];

/** What must hold for a response besides its status. */
export type Also = (reply: Reply, what: string, gateway: Gateway) => readonly Problem[];

/** Requests that are sent at once, or what runs as it likes. */
export type Check = {
  /** What must be there; otherwise the row is not applicable. */
  readonly needs?: "PocketPaw" | "DashboardUrl";
} & (
  | { readonly asks: (gateway: Gateway) => readonly Ask[]; readonly also?: Also }
  | { readonly run: (gateway: Gateway) => Promise<Finding> }
);

/** Checks by the name of their row; docs/smoke.md says what holds in it, and what to do otherwise. */
export type Checks = Readonly<Record<string, Check>>;

/** Runs one check; a request without a response counts as not holding. */
export async function runCheck(check: Check, gateway: Gateway): Promise<Finding> {
  const { needs } = check;
  if (needs && !gateway.hasPocketPaw) return notApplicable("no PocketPaw is behind this gateway");
  if (needs === "DashboardUrl" && gateway.url.hostname.includes(".execute-api.")) {
    return notApplicable("the API's own address does not have this, the output DashboardUrl has");
  }
  try {
    if ("run" in check) return await check.run(gateway);
    return judge(await problemsOf(gateway, check.asks(gateway), check.also));
  } catch (error) {
    if (!(error instanceof NoResponse)) throw error;
    return judge([`no response: ${error.message}`]);
  }
}

/** The finding of a row that has nothing to look at here. */
export function notApplicable(why: string): Finding {
  return { verdict: "not applicable", details: [why] };
}

/** Holds when there is no problem. */
export function judge(problems: readonly Problem[], ...details: readonly string[]): Finding {
  const found = problems.filter((problem) => typeof problem === "string");
  if (found.length === 0) return { verdict: "holds", details };
  return { verdict: "does not hold", details: [...new Set(found)] };
}

/** Sends requests at once, and gathers the problems with their responses. */
export async function problemsOf(
  gateway: Gateway,
  asks: readonly Ask[],
  also: Also = () => [],
): Promise<Problem[]> {
  const problems = asks.map(async ([statuses, request, headers, name]) => {
    const what = name ?? request.split("?", 1)[0] ?? "";
    const reply = await gateway.send(request, headers);
    const wanted = [statuses].flat();
    if (!wanted.includes(reply.status)) {
      return [`${what}: ${reply.status}, not ${wanted.join(" or ")}`];
    }
    return also(reply, what, gateway).map((found) => found && `${what}: ${found}`);
  });
  return (await Promise.all(problems)).flat();
}

/**
 * What a response lacks.
 *
 * @param wanted names and values, separated by semicolons: of directives of its only policy, or of headers (their
 *   parameters do not count)
 */
export function lacks(reply: Reply, wanted: string): Problem[] {
  const policy = policyOf(reply);
  return wanted.split("; ").map((each) => {
    const [name = "", ...value] = each.split(" ");
    const found = policy.get(name) ?? headerOf(reply, name)?.split(";", 1)[0];
    return found !== value.join(" ") && `it has no ${each}`;
  });
}

/** The directives of a response's only policy; none where there are several, which a browser adds up. */
export function policyOf(reply: Reply): ReadonlyMap<string, string> {
  const directives = headerOf(reply, "content-security-policy")?.split(/; */) ?? [];
  return new Map(directives.map((each) => [each.split(" ")[0] ?? "", each.replace(/^\S* ?/, "")]));
}
