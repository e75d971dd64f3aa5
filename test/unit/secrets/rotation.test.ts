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
      labels: new Map(Object.entries({ "current-version": ["AWSCURRENT"], [PENDING]: labels })),
    }),
    current: async () => ({ versionId: "current-version", value: currentValue }),
    read: async () => value,
    put: async () => undefined,
    makeCurrent: async () => true,
    moveLabel: async () => undefined,
    randomPassword: async () => NEW_KEY,
    ...methods,
  };
  const recorded = new Proxy(secret, {
    get:
      (_, name: keyof SecretVersions) =>
      (...args: never[]) => {
        if (name !== "describe" && name !== "current") calls.push([name, ...args].join(" "));
        return (secret[name] as (...all: never[]) => unknown)(...args);
      },
  });
  const { log, entries } = createTestLog();
  const opened: string[] = [];
  const rotate = createRotate({
    open: (id) => {
      opened.push(id);
      return recorded;
    },
    log,
  });
  const lambda = { awsRequestId: "lambda-1" } as Parameters<typeof rotate>[1];
  const take = (Step: string) =>
    rotate({ Step, SecretId: "the-secret", ClientRequestToken: PENDING }, lambda);
  return { rotate, take, calls, entries, opened };
}

/** The calls of a step, and the states that it finds. */
const READ = `read ${PENDING}`;
const MADE = [READ, "randomPassword 64", `put ${PENDING} ${NEW_KEY} AWSPENDING`];
const MADE_JSON = [READ, "randomPassword 64", `put ${PENDING} {"key":"${NEW_KEY}"} AWSPENDING`];
const MARKED = `moveLabel ${ROTATED} ${PENDING} `;
const MOVED = [READ, `makeCurrent ${PENDING} current-version`];
const REMOVED = [`moveLabel AWSPENDING  ${PENDING}`];
const HAS_VALUE = { value: NEW_KEY };
const IS_STORED = { put: () => Promise.reject(unavailable("ResourceExistsException")) };
const IS_CURRENT = { ...HAS_VALUE, current: async () => ({ versionId: PENDING, value: NEW_KEY }) };

test.each<[string, string, State, string[]]>([
  ["stores a new key of 64 characters", "createSecret", {}, MADE],
  ["keeps JSON", "createSecret", { currentValue: `{"key":"${HMAC_KEY}"}` }, MADE_JSON],
  ["mends broken JSON", "createSecret", { currentValue: "{broken" }, MADE_JSON],
  ["makes no second key", "createSecret", HAS_VALUE, [READ]],
  ["is content with the key that the same step has just stored", "createSecret", IS_STORED, MADE],
  ["only looks whether there is a value", "setSecret", { value: "too short" }, [READ]],
  ["passes a key that signs and verifies", "testSecret", HAS_VALUE, [READ]],
  ["passes a copy of the current key", "testSecret", { value: HMAC_KEY }, [READ]],
  ["replaces what it has seen, and marks its own", "finishSecret", HAS_VALUE, [...MOVED, MARKED]],
  ["is done where another was faster", "finishSecret", IS_CURRENT, [READ, MARKED]],
  ["is done", "finishSecret", { labels: ["AWSCURRENT", "AWSPENDING", ROTATED] }, []],
  ["marks a version that is current", "createSecret", { labels: ["AWSCURRENT"] }, [MARKED]],
])("%s: %s", async (_what, step, state, expected) => {
  const { take, calls, entries, opened } = open(state);
  await expect(take(step)).resolves.toBeUndefined();
  expect(calls).toEqual(expected);
  expect(opened).toEqual(["the-secret"]);
  const line = { event: "rotation_step", requestId: "lambda-1", step, versionId: PENDING };
  expect(entries).toEqual([{ level: "INFO", ...line, outcome: "done" }]);
});

const OFF = "rotation is not turned on for this secret";
const NO_VALUE = `version ${PENDING} has no value yet: createSecret comes first`;
const SHORT = "the HMAC key has 31 bytes; it must have 32 or more";
const SAME = `version ${PENDING} holds the key that is current already`;
const OVERTAKEN = `another version than ${PENDING} has just become AWSCURRENT`;
const LABELS = `version ${PENDING} is labelled MINE, OTHER; setSecret needs one labelled AWSPENDING`;
const BEFORE = `version ${PENDING} has been current before, and is not made current again. Its label AWSPENDING is removed: the next rotation makes a new key`;

describe("a step is refused, which throws and logs why", () => {
  const short = { value: "k".repeat(31) };
  const lost = { ...HAS_VALUE, makeCurrent: async () => false };

  test.each<[string, State, string, string[]]>([
    ...["createSecret", "setSecret", "testSecret", "finishSecret"].map(
      (step): [string, State, string, string[]] => [
        step,
        { ...HAS_VALUE, rotationEnabled: false },
        OFF,
        [],
      ],
    ),
    ["setSecret", {}, NO_VALUE, [READ]],
    ["testSecret", {}, NO_VALUE, [READ]],
    ["finishSecret", {}, NO_VALUE, [READ]],
    ["testSecret", short, SHORT, [READ]],
    ["finishSecret", short, SHORT, [READ]],
    ["createSecret", { randomPassword: async () => "" }, "the secret is empty", MADE.slice(0, 2)],
    ["finishSecret", { value: HMAC_KEY }, SAME, [READ]],
    ["finishSecret", lost, OVERTAKEN, MOVED],
    ["setSecret", { labels: ["MINE", "OTHER"] }, LABELS, []],
    ["finishSecret", { ...HAS_VALUE, labels: ["AWSPENDING", "AWSPREVIOUS"] }, BEFORE, REMOVED],
    ["createSecret", { ...HAS_VALUE, labels: ["AWSPENDING", ROTATED] }, BEFORE, REMOVED],
  ])("%s, with %j: %s", async (step, state, message, expected) => {
    const { take, calls, entries } = open(state);
    await expect(take(step)).rejects.toThrow(new Error(message));
    expect(calls).toEqual(expected);
    expect(entries).toMatchObject([{ level: "ERROR", step, outcome: "failed", detail: message }]);
  });

  const NAMES = "createSecret, setSecret, testSecret, finishSecret";
  const EVENT = { Step: "setSecret", SecretId: "id", ClientRequestToken: PENDING };
  test.each<[unknown, string]>([
    [{ ...EVENT, ClientRequestToken: "v2" }, "the secret has no version v2 with a staging label"],
    [{ ...EVENT, Step: "drop" }, `the event's Step is "drop"; it must be one of ${NAMES}`],
    [
      { ...EVENT, Step: "x".repeat(200) },
      `the event's Step is "${"x".repeat(79)}; it must be one of ${NAMES}`,
    ],
    [{ ...EVENT, Step: undefined }, "the event's Step is missing; it must be a string"],
    [{ ...EVENT, SecretId: "" }, `the event's SecretId is ""; it must be a string`],
    [
      { ...EVENT, ClientRequestToken: 7 },
      "the event's ClientRequestToken is 7; it must be a string",
    ],
    ...[undefined, null, "createSecret", 7, []].map((event): [unknown, string] => [
      event,
      "the event's SecretId is missing; it must be a string",
    ]),
  ])("for the event %j", async (event, message) => {
    const { rotate, calls } = open();
    await expect(rotate(event)).rejects.toThrow(new Error(message));
    expect(calls).toEqual([]);
  });
});

test.each<[string, unknown, string]>([
  ["the service's exception", unavailable("LimitExceededException"), "LimitExceededException"],
  ["what may quote a secret", new SyntaxError(`Unexpected ${HMAC_KEY}`), "SyntaxError"],
])("of %s only the name is thrown and logged", async (_what, error, name) => {
  const { take, entries } = open({ read: () => Promise.reject(error) });
  await expect(take("createSecret")).rejects.toThrow(new Error(name));
  expect(entries).toMatchObject([{ level: "ERROR", outcome: "failed", error: name }]);
  expect(JSON.stringify(entries)).not.toContain(HMAC_KEY);
});

function unavailable(name: string): SecretsUnavailable {
  return new SecretsUnavailable(named(name, HMAC_KEY));
}
