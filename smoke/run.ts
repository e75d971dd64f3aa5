import type { Check, Finding } from "./check.ts";
import { foreignOrigin, login, logout, ownOrigin } from "./checks/browser.ts";
import { noSharing } from "./checks/caching.ts";
import { bearer, cookie, expired, forged, noCredential, query } from "./checks/credentials.ts";
import { challenge, exchange, noSecondSession } from "./checks/exchange.ts";
import { healthz } from "./checks/health.ts";
import { latency } from "./checks/latency.ts";
import { noLeaks } from "./checks/no-leaks.ts";
import { encodedPath, extraSlash } from "./checks/paths.ts";
import { page, pocketPaw, policy } from "./checks/pocketpaw.ts";
import { notRegenerated, regeneration } from "./checks/regeneration.ts";
import { foreignWebSocket, webSocket } from "./checks/web-socket.ts";
import { createSend } from "./client.ts";
import { NoResponse } from "./failures.ts";
import { openGateway } from "./gateway.ts";
import { createSecrecy } from "./secrecy.ts";

/** Twice what the contract promises, for slow clocks and refreshes. */
const REGENERATION_LIMIT_MILLISECONDS = 120_000;

/** In this order: the first requests of a run find most containers cold. */
const CHECKS: readonly Check[] = [
  ...[latency, healthz, exchange, noSecondSession, challenge],
  ...[bearer, query, cookie, noCredential, noSharing, forged, expired],
  ...[login, logout, ownOrigin, foreignOrigin, encodedPath, extraSlash],
  ...[page, pocketPaw, policy, webSocket, foreignWebSocket],
];

export interface RunOptions {
  readonly url: URL;
  readonly masterToken: string;
  /** Whether to replace the master token, which ends every session. */
  readonly regenerate: boolean;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Gets each row as soon as it is known. */
  readonly onRow: (check: Check, finding: Finding) => void;
  readonly regenerationLimitMilliseconds?: number;
}

/**
 * Runs all checks against a gateway, one after another.
 *
 * @returns what they found
 * @throws OperatorError when the URL is no gateway's or the master token is wrong
 * @throws NoResponse when the gateway cannot be reached
 */
export async function runChecks(options: RunOptions): Promise<readonly Finding[]> {
  const { url, masterToken, regenerate, now, onRow } = options;
  const secrecy = createSecrecy(masterToken);
  const gateway = await openGateway(url, createSend(url, secrecy.onReply), masterToken, now);
  // Only the exchange's response may hold it.
  secrecy.guard(gateway.session.token);
  const limit = options.regenerationLimitMilliseconds ?? REGENERATION_LIMIT_MILLISECONDS;
  const last = [regenerate ? regeneration(limit) : notRegenerated, noLeaks(secrecy.leaks)];
  const findings: Finding[] = [];
  for (const check of [...CHECKS, ...last]) {
    const finding = await check.run(gateway).catch(unreached);
    onRow(check, finding);
    findings.push(finding);
  }
  return findings;
}

function unreached(error: unknown): Finding {
  if (!(error instanceof NoResponse)) throw error;
  return { verdict: "does not hold", found: [`no response: ${error.message}`] };
}
