import { type Checks, type Finding, judge, runCheck } from "./check.ts";
import { BROWSER } from "./checks/browser.ts";
import { CREDENTIALS } from "./checks/credentials.ts";
import { DIRECT } from "./checks/direct.ts";
import { EXCHANGE_CHECKS } from "./checks/exchange.ts";
import { latency } from "./checks/latency.ts";
import { PATHS } from "./checks/paths.ts";
import { POCKETPAW } from "./checks/pocketpaw.ts";
import { notRegenerated, regeneration } from "./checks/regeneration.ts";
import { VERIFY } from "./checks/verify.ts";
import { createSend } from "./client.ts";
import { openGateway } from "./gateway.ts";
import { createSecrecy } from "./secrecy.ts";

/** Twice what the contract promises, for slow clocks and refreshes. */
const REGENERATION_LIMIT_MILLISECONDS = 120_000;

/** In this order: the first requests of a run find most containers cold. */
export const CHECKS: Checks = {
  ...{ latency, ...EXCHANGE_CHECKS, ...CREDENTIALS, ...BROWSER, ...PATHS },
  ...{ ...VERIFY, ...POCKETPAW, ...DIRECT },
};

export interface RunOptions {
  readonly url: URL;
  readonly masterToken: string;
  /** Whether to replace the master token, which ends every session. */
  readonly regenerate: boolean;
  /** Gets each row as soon as it is known. */
  readonly onRow?: (name: string, finding: Finding) => void;
}

/**
 * Runs all checks against a gateway, one after another.
 *
 * @returns what they found, by row
 * @throws OperatorError when the URL is no gateway's or the master token is wrong
 * @throws NoResponse when the gateway cannot be reached
 */
export async function runChecks(options: RunOptions): Promise<Readonly<Record<string, Finding>>> {
  const { url, masterToken, regenerate, onRow } = options;
  const secrecy = createSecrecy(masterToken);
  const gateway = await openGateway(url, createSend(url, secrecy.onReply), masterToken);
  // Only the exchange's response may hold it.
  secrecy.guard(gateway.session.token);
  const checks: Checks = {
    ...CHECKS,
    regeneration: regenerate ? regeneration(REGENERATION_LIMIT_MILLISECONDS) : notRegenerated,
    secrecy: { run: async () => judge(secrecy.leaks()) },
  };
  const findings: Record<string, Finding> = {};
  for (const [name, check] of Object.entries(checks)) {
    const finding = await runCheck(check, gateway);
    onRow?.(name, finding);
    findings[name] = finding;
  }
  return findings;
}
