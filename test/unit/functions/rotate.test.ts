import { expect, test } from "vitest";
import { createRotate } from "../../../lib/functions/rotate.ts";
import type { SecretVersions } from "../../../lib/secrets/versions.ts";
import { createTestLog } from "../../support/logs.ts";
import { named } from "../../support/secret-store.ts";
import { HMAC_KEY } from "../../support/tokens.ts";

const EVENT = { Step: "setSecret", SecretId: "the-secret", ClientRequestToken: "v1" } as const;
const ENTRY = { event: "rotation_step", step: "setSecret", versionId: "v1" };

/** The function over a secret whose pending version is read as the test says. */
function open(read: SecretVersions["read"]) {
  const { log, entries } = createTestLog();
  const opened: string[] = [];
  const describe: SecretVersions["describe"] = async () => ({
    rotationEnabled: true,
    labels: new Map([["v1", ["AWSPENDING"]]]),
  });
  const handler = createRotate({
    open: (secretId) => {
      opened.push(secretId);
      return { describe, read } as SecretVersions;
    },
    log,
  });
  return { handler, entries, opened };
}

test("a step is taken on the event's secret, and logged", async () => {
  const { handler, entries, opened } = open(async () => HMAC_KEY);
  await expect(handler(EVENT)).resolves.toBeUndefined();
  expect(opened).toEqual(["the-secret"]);
  expect(entries).toEqual([{ level: "INFO", ...ENTRY, outcome: "done" }]);
});

test("a step that is refused throws why, and logs it", async () => {
  const { handler, entries } = open(async () => undefined);
  const detail = "version v1 has no value yet: createSecret comes first";
  await expect(handler(EVENT)).rejects.toThrow(new Error(detail));
  expect(entries).toEqual([
    { level: "ERROR", ...ENTRY, outcome: "failed", error: "StepRefused", detail },
  ]);
});

test("of an error whose message may quote a secret, only the name is thrown and logged", async () => {
  const { handler, entries } = open(() =>
    Promise.reject(named("SyntaxError", `Unexpected token ${HMAC_KEY}`)),
  );
  await expect(handler(EVENT)).rejects.toThrow(/^SyntaxError$/);
  expect(entries).toEqual([{ level: "ERROR", ...ENTRY, outcome: "failed", error: "SyntaxError" }]);
});
