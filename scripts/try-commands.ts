import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "../test/deployed/support/processes.ts";
import { findPython, installPython, PYTHON_PROGRAMS } from "../test/deployed/support/tools.ts";
import { ROOT } from "../test/support/checkout.ts";
import {
  assertShape,
  findSecrets,
  GATEWAY,
  GATEWAY_PORT,
  isUp,
  jsonIn,
  tokenIn,
} from "./docs/gateway.ts";
import { readPage } from "./docs/markdown.ts";
import { openShell, type Shell } from "./docs/shell.ts";
import { tryPocketPaw } from "./docs/try-pocketpaw.ts";
import { tryRegeneration, tryRotation } from "./docs/try-runbook.ts";

// `npm run test:commands` runs the documented commands as they stand, in a fresh copy of the project,
// and checks what they print. It needs the ports that the documentation names: 8000 and 8888.

const AWS_CLI = join(ROOT, ".local", "aws-cli");

/** README.md without PocketPaw, then the runbook. */
async function tryLaptop(shell: Shell): Promise<void> {
  await shell.documented(["npm ci"]);
  const gateway = await shell.start("npm ci && npm start", GATEWAY_PORT, () =>
    isUp(`${GATEWAY}/healthz`),
  );
  try {
    const masterToken = await tokenIn(gateway.output);
    const [exchanged, status] = readPage("README.md")
      .blocks.filter(({ language }) => language === "json")
      .map(({ text }) => JSON.parse(text));
    const curl = await shell.documented(['curl -X POST "http://localhost:8000'], {
      "<token>": masterToken,
    });
    const session = jsonIn(curl);
    assertShape(session, exchanged);
    const sessionToken = String(session.session_token);
    const found = await shell.documented(['curl "http://localhost:8000/api/auth/session"'], {
      [exchanged.session_token]: sessionToken,
    });
    assertShape(jsonIn(found), status);
    const stored = await shell.documented([
      "export AWS_ENDPOINT_URL",
      "export AWS_ACCESS_KEY_ID",
      "export AWS_SECRET_ACCESS_KEY",
      "get-secret-value --secret-id pocketpaw/master-token",
      "describe-secret",
    ]);
    assert.match(stored, new RegExp(masterToken));
    findSecrets(shell);
    await tryRegeneration(shell, sessionToken);
    await tryRotation(shell);
  } finally {
    await gateway.stop();
  }
}

/** The deployments: packaged instead, so that their parameters are checked. */
async function tryPackages(shell: Shell): Promise<void> {
  const command = "npx serverless deploy --stage prod";
  const instead = { "serverless deploy": "serverless package" };
  await shell.documented([command], instead);
  await shell.documented(["domainName"], {
    ...instead,
    "<CertificateArn>": "arn:aws:acm:us-east-1:123456789012:certificate/a",
  });
  await shell.documented(["logLevel=WARN"], instead);
  await shell.documented(["apiSecretVersionId"], {
    "serverless deploy":
      "serverless package --param='originUrl=https://pocketpaw-origin.example.com'",
    "<version id>": "11111111-1111-4111-8111-111111111111",
  });
}

async function installAwsCli(python: string): Promise<string> {
  const programs = join(AWS_CLI, "bin");
  if (!existsSync(join(programs, "aws"))) {
    const requirements = join(import.meta.dirname, "docs", "aws-cli.txt");
    const env = { ...(process.env as Record<string, string>) };
    await run({ command: python, args: ["-m", "venv", AWS_CLI], env, directory: ROOT });
    const args = ["install", "-q", "--require-hashes", "-r", requirements];
    await run({ command: join(programs, "pip"), args, env, directory: ROOT });
  }
  return programs;
}

const python = findPython();
const [awsCli] = await Promise.all([installAwsCli(python), installPython(python)]);
const shell = await openShell([awsCli, PYTHON_PROGRAMS]);
try {
  await tryLaptop(shell);
  await tryPocketPaw(shell);
  await tryPackages(shell);
  assert.deepEqual(shell.untried(), [], "documented commands that were not run");
  console.log("\nThe documented commands print what the documentation says.");
} finally {
  shell.remove();
}
