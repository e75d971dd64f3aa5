import { type Checks, type Finding, judge, notApplicable, runCheck } from "./check.ts";
import { BROWSER } from "./checks/browser.ts";
import { CREDENTIALS } from "./checks/credentials.ts";
import { DIRECT } from "./checks/direct.ts";
import { latency } from "./checks/latency.ts";
import { PATHS } from "./checks/paths.ts";
import { POCKETPAW } from "./checks/pocketpaw.ts";
import { regeneration } from "./checks/regeneration.ts";
import { VERIFY } from "./checks/verify.ts";
import { openGateway } from "./gateway.ts";
import { leaksIn } from "./secrecy.ts";

/** Twice what the contract promises, for slow clocks and refreshes. */
const REGENERATION_LIMIT_MILLISECONDS = 120_000;
const NOT_REGENERATED = notApplicable("only with --regenerate, because it ends every session");

/** In this order: the first requests of a run find most containers cold. */
export const CHECKS: Checks = {
  ...{ latency, ...CREDENTIALS, ...BROWSER, ...PATHS, ...VERIFY, ...POCKETPAW, ...DIRECT },
};

/**
 * Runs all checks against a gateway, one after another.
 *
 * @param options `regenerate`: whether to replace the master token, which ends every session; `onRow` gets each row
 *   as soon as it is known
 * @returns what they found, by row
 * @throws OperatorError when the URL is no gateway's or the master token is wrong
 * @throws NoResponse when the gateway cannot be reached
 */
export async function runChecks(options: {
  readonly url: URL;
  readonly masterToken: string;
  readonly regenerate: boolean;
  readonly onRow?: (name: string, finding: Finding) => void;
}): Promise<Readonly<Record<string, Finding>>> {
  const { url, masterToken, regenerate, onRow } = options;
  const gateway = await openGateway(url, masterToken);
  const checks: Checks = {
    ...CHECKS,
    regeneration: regenerate
      ? regeneration(REGENERATION_LIMIT_MILLISECONDS)
      : { run: async () => NOT_REGENERATED },
    secrecy: { run: async () => judge(leaksIn(gateway)) },
  };
  const findings: Record<string, Finding> = {};
  for (const [name, check] of Object.entries(checks)) {
    const finding = await runCheck(check, gateway);
    onRow?.(name, finding);
    findings[name] = finding;
  }
  return findings;
}
