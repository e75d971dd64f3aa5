import { describe, expect, test } from "vitest";
import { SecretsUnavailable } from "../../../lib/errors.ts";
import { createRotate } from "../../../lib/functions/rotate.ts";
import { ROTATED } from "../../../lib/secrets/rotation.ts";
import type { SecretVersions } from "../../../lib/secrets/versions.ts";
import { createTestLog } from "../../support/logs.ts";
import { named } from "../../support/secret-store.ts";
import { HMAC_KEY } from "../../support/tokens.ts";

/*
 * Each step over a secret in memory, in any state; a whole rotation in Secrets Manager, interrupted at any
 * point, is in test/keys/rotation-killed.test.ts.
 */

const PENDING = "pending-version";
const NEW_KEY = "N".repeat(64);
const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

interface State extends Partial<SecretVersions> {
  /** Of the pending version. */
  readonly labels?: readonly string[];
  readonly value?: string | undefined;
  readonly currentValue?: string;
  readonly rotationEnabled?: boolean;
}

/** The function over such a secret; `calls` are the methods that a step has called. */
function open(state: State = {}) {
  const { labels = ["AWSPENDING"], value, currentValue = HMAC_KEY, rotationEnabled = true } = state;
  const { labels: _l, value: _v, currentValue: _c, rotationEnabled: _r, ...methods } = state;
  const calls: string[] = [];
  const secret: SecretVersions = {
    describe: async () => ({
      rotationEnabled,
      labels: new Map([
        ["current-version", ["AWSCURRENT"]],
        [PENDING, labels],
      ]),
    }),
    current: async () => ({ versionId: "current-version", value: currentValue }),
    read: async () => value,
    put: async () => undefined,
    makeCurrent: async () => true,
    moveLabel: async () => undefined,
    randomPassword: async () => NEW_KEY,
    ...methods,
  };
  const recorded = Object.fromEntries(
    Object.entries(secret).map(([name, method]: [string, (...args: never[]) => unknown]) => [
      name,
      (...args: never[]) => {
        if (name !== "describe" && name !== "current") calls.push([name, ...args].join(" "));
        return method(...args);
      },
    ]),
  ) as unknown as SecretVersions;
  const { log, entries } = createTestLog();
  const opened: string[] = [];
  const rotate = createRotate({
    open: (id) => {
      opened.push(id);
      return recorded;
    },
    log,
  });
  const take = (Step: string) =>
    rotate({ Step, SecretId: "the-secret", ClientRequestToken: PENDING }, {
      awsRequestId: "lambda-1",
    } as never);
  return { rotate, take, calls, entries, opened };
}

const exists = () => Promise.reject(new SecretsUnavailable(named("ResourceExistsException", "x")));
const READ = `read ${PENDING}`;
const MARK = `moveLabel ${ROTATED} ${PENDING} `;

test.each<[string, string, State, string[]]>([
  [
    "stores a new key of 64 characters",
    "createSecret",
    {},
    [READ, "randomPassword 64", `put ${PENDING} ${NEW_KEY} AWSPENDING`],
  ],
  [
    "keeps the secret's JSON form",
    "createSecret",
    { currentValue: `{"key":"${HMAC_KEY}"}` },
    [READ, "randomPassword 64", `put ${PENDING} {"key":"${NEW_KEY}"} AWSPENDING`],
  ],
  [
    "mends broken JSON",
    "createSecret",
    { currentValue: "{broken" },
    [READ, "randomPassword 64", `put ${PENDING} {"key":"${NEW_KEY}"} AWSPENDING`],
  ],
  ["makes no second key", "createSecret", { value: NEW_KEY }, [READ]],
  [
    "is content with the key that the same step has just stored",
    "createSecret",
    { put: exists },
    [READ, "randomPassword 64", `put ${PENDING} ${NEW_KEY} AWSPENDING`],
  ],
  ["only looks whether there is a value", "setSecret", { value: "too short" }, [READ]],
  ["passes a key that signs and verifies", "testSecret", { value: NEW_KEY }, [READ]],
  [
    "passes a copy of the current key, as Secrets Manager tries it",
    "testSecret",
    { value: HMAC_KEY },
    [READ],
  ],
  [
    "makes the version current in place of the one it has seen, and marks it",
    "finishSecret",
    { value: NEW_KEY },
    [READ, `makeCurrent ${PENDING} current-version`, MARK],
  ],
  [
    "is done where another was faster",
    "finishSecret",
    { value: NEW_KEY, current: async () => ({ versionId: PENDING, value: NEW_KEY }) },
    [READ, MARK],
  ],
  [
    "does nothing for a version that is current and marked",
    "finishSecret",
    { labels: ["AWSCURRENT", "AWSPENDING", ROTATED] },
    [],
  ],
  [
    "marks a version that is current",
    "createSecret",
    { labels: ["AWSCURRENT", "AWSPENDING"] },
    [MARK],
  ],
])("%s: %s", async (_what, step, state, expected) => {
  const { take, calls, entries, opened } = open(state);
  await expect(take(step)).resolves.toBeUndefined();
  expect(calls).toEqual(expected);
  expect(opened).toEqual(["the-secret"]);
  const line = { event: "rotation_step", requestId: "lambda-1", step, versionId: PENDING };
  expect(entries).toEqual([{ level: "INFO", ...line, outcome: "done" }]);
});

const BEFORE = `version ${PENDING} has been current before, and is not made current again. Its label AWSPENDING is removed: the next rotation makes a new key`;
const REMOVED = [`moveLabel AWSPENDING  ${PENDING}`];

describe("a step is refused, which throws and logs why", () => {
  test.each<[string, string, State, string, string[]?]>([
    ...STEPS.map((step): [string, string, State, string] => [
      "rotation turned off",
      step,
      { rotationEnabled: false },
      "rotation is not turned on for this secret",
    ]),
    ...STEPS.slice(1).map((step): [string, string, State, string, string[]] => [
      "no value yet",
      step,
      {},
      `version ${PENDING} has no value yet: createSecret comes first`,
      [READ],
    ]),
    [
      "a key that is too short",
      "testSecret",
      { value: "k".repeat(31) },
      "the HMAC key has 31 bytes; it must have 32 or more",
      [READ],
    ],
    [
      "a key that was not tested",
      "finishSecret",
      { value: "k".repeat(31) },
      "the HMAC key has 31 bytes; it must have 32 or more",
      [READ],
    ],
    [
      "no random key",
      "createSecret",
      { randomPassword: async () => "" },
      "the secret is empty",
      [READ, "randomPassword 64"],
    ],
    [
      "the key that is current already",
      "finishSecret",
      { value: HMAC_KEY },
      `version ${PENDING} holds the key that is current already`,
      [READ],
    ],
    [
      "another version that became current meanwhile",
      "finishSecret",
      { value: NEW_KEY, makeCurrent: async () => false },
      `another version than ${PENDING} has just become AWSCURRENT`,
      [READ, `makeCurrent ${PENDING} current-version`],
    ],
    [
      "a version that is not pending",
      "setSecret",
      { labels: ["MINE", "OTHER"] },
      `version ${PENDING} is labelled MINE, OTHER; setSecret needs one labelled AWSPENDING`,
    ],
    [
      "a version that was rolled back",
      "finishSecret",
      { labels: ["AWSPENDING", "AWSPREVIOUS"], value: NEW_KEY },
      BEFORE,
      REMOVED,
    ],
    [
      "a version that was rolled back, and is no longer AWSPREVIOUS",
      "createSecret",
      { labels: ["AWSPENDING", ROTATED], value: NEW_KEY },
      BEFORE,
      REMOVED,
    ],
  ])("%s: %s", async (_what, step, state, message, expected = []) => {
    const { take, calls, entries } = open(state);
    await expect(take(step)).rejects.toThrow(new Error(message));
    expect(calls).toEqual(expected);
    expect(entries).toMatchObject([{ level: "ERROR", step, outcome: "failed", detail: message }]);
  });

  test.each<[string, unknown, string]>([
    [
      "no version",
      { ClientRequestToken: "f".repeat(36) },
      `the secret has no version ${"f".repeat(36)} with a staging label`,
    ],
    [
      "an unknown step",
      { Step: "dropSecret" },
      `the event's Step is "dropSecret"; it must be one of ${STEPS.join(", ")}`,
    ],
    [
      "a long step, cut",
      { Step: "x".repeat(200) },
      `the event's Step is "${"x".repeat(79)}; it must be one of ${STEPS.join(", ")}`,
    ],
    ["no step", { Step: undefined }, "the event's Step is missing; it must be a string"],
    ["an empty secret id", { SecretId: "" }, `the event's SecretId is ""; it must be a string`],
    [
      "a token that is no string",
      { ClientRequestToken: 7 },
      "the event's ClientRequestToken is 7; it must be a string",
    ],
    ...[undefined, null, "createSecret", 7, []].map((event): [string, unknown, string] => [
      `${JSON.stringify(event)} in place of an event`,
      event,
      "the event's SecretId is missing; it must be a string",
    ]),
  ])("%s", async (_what, change, message) => {
    const { rotate, calls } = open();
    const event = { Step: "setSecret", SecretId: "id", ClientRequestToken: PENDING };
    const isPart = typeof change === "object" && change !== null && !Array.isArray(change);
    await expect(rotate(isPart ? { ...event, ...change } : change)).rejects.toThrow(
      new Error(message),
    );
    expect(calls).toEqual([]);
  });
});

test.each<[string, unknown, string, object]>([
  [
    "the service's exception: its name",
    new SecretsUnavailable(named("LimitExceededException", HMAC_KEY)),
    "LimitExceededException",
    {},
  ],
  [
    "what may quote a secret: its name",
    new SyntaxError(`Unexpected token ${HMAC_KEY}`),
    "SyntaxError",
    {},
  ],
])("an error is thrown and logged without a secret: %s", async (_what, error, name) => {
  const { take, entries } = open({ read: () => Promise.reject(error) });
  await expect(take("createSecret")).rejects.toThrow(new Error(name));
  expect(entries).toMatchObject([{ level: "ERROR", outcome: "failed", error: name }]);
  expect(JSON.stringify(entries)).not.toContain(HMAC_KEY);
});
