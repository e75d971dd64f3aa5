import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import {
  BAD_SETTINGS,
  type BadSetting,
  badSettingsOf,
  SETTINGS_OF,
} from "../../support/bad-settings.ts";
import { REQUIRED_SETTINGS } from "../../support/handlers.ts";
import { AWS_ENVIRONMENT } from "../../support/secrets-manager.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const NODE = [process.execPath, "--import", "tsx"] as const;

/** Lambda's environment with good settings; no load gets as far as to ask Secrets Manager. */
const ENVIRONMENT = {
  PATH: process.env.PATH,
  ...AWS_ENVIRONMENT,
  ...REQUIRED_SETTINGS,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:1",
};

/** Loads a module in a process of its own, once with each bad setting; what each load threw. */
async function loadWithEach(module: string, settings: BadSetting[]): Promise<(string | null)[]> {
  const [command, ...options] = NODE;
  const child = spawn(command, [...options, "test/support/load-handler.ts"], {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const printed = text(child.stdout);
  const environments = settings.map(({ variable, value }) => ({
    ...Object.fromEntries(BAD_SETTINGS.map((other) => [other.variable, null])),
    ...REQUIRED_SETTINGS,
    [variable]: value ?? null,
  }));
  child.stdin.end(JSON.stringify({ module, environments }));
  const [code] = await once(child, "close");
  expect(code).toBe(0);
  return JSON.parse(await printed);
}

describe.each(Object.keys(SETTINGS_OF))("handlers/%s.ts", (name) => {
  const settings = badSettingsOf(name);

  test("its load fails with each bad setting, by a message that names it and what is allowed", async () => {
    const module = new URL(`../../../handlers/${name}.ts`, import.meta.url).href;
    expect(await loadWithEach(module, settings)).toEqual(settings.map(messageOf));
  });

  test("as a program it ends with an error that shows the message", async () => {
    const [command, ...options] = NODE;
    const setting = settings.find(({ value }) => value === "" || value === "a name");
    if (setting === undefined) throw new Error("no bad setting");
    const environment = { ...ENVIRONMENT, [setting.variable]: setting.value };
    await expect(
      promisify(execFile)(command, [...options, `handlers/${name}.ts`], {
        cwd: ROOT,
        env: environment,
      }),
    ).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(messageOf(setting)) });
  });
});

function messageOf({ variable, found, allowed }: BadSetting): string {
  return `BadSettings: Bad settings: ${variable} is ${found}; it must be ${allowed}.`;
}
