import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { badSettingsOf, SETTINGS_OF } from "../../support/bad-settings.ts";
import { ROOT } from "../../support/checkout.ts";
import { REQUIRED_SETTINGS } from "../../support/handlers.ts";
import { AWS_ENVIRONMENT } from "../../support/secrets-manager.ts";

test.each(Object.keys(SETTINGS_OF))(
  "handlers/%s.ts with a bad setting ends, as a program, with the message",
  async (name) => {
    const bad = badSettingsOf(name).find(({ value }) => value === "" || value === "a name");
    if (bad === undefined) throw new Error("no bad setting");
    const { variable, value = "", found, allowed } = bad;
    const env = {
      PATH: process.env.PATH,
      ...AWS_ENVIRONMENT,
      ...REQUIRED_SETTINGS,
      // Not asked: the load does not get so far.
      AWS_ENDPOINT_URL_SECRETS_MANAGER: "http://127.0.0.1:1",
      [variable]: value,
    };
    const program = promisify(execFile);
    await expect(
      program(process.execPath, ["--import", "tsx", `handlers/${name}.ts`], { cwd: ROOT, env }),
    ).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `BadSettings: Bad settings: ${variable} is ${found}; it must be ${allowed}.`,
      ),
    });
  },
);
