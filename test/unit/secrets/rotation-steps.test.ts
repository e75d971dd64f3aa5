import { describe, expect, test } from "vitest";
import { parseRotationEvent, ROTATED, takeStep } from "../../../lib/secrets/rotation.ts";
import type { SecretVersions } from "../../../lib/secrets/versions.ts";
import { named } from "../../support/secret-store.ts";
import { HMAC_KEY } from "../../support/tokens.ts";

/*
 * The steps over a secret in memory, for states that Secrets Manager cannot be brought into, and for
 * what a step does not ask of it.
 */

const PENDING = "pending-version";
const NEW_KEY = "N".repeat(64);

/** A secret with a pending version; `calls` are the methods that a step has called. */
function openSecret(changes: Partial<SecretVersions> & { labels?: string[]; value?: string } = {}) {
  const { labels = ["AWSPENDING"], value, ...methods } = changes;
  const calls: string[] = [];
  const secret: SecretVersions = {
    describe: async () => ({
      rotationEnabled: true,
      labels: new Map([
        ["current-version", ["AWSCURRENT"]],
        [PENDING, labels],
      ]),
    }),
    current: async () => ({ versionId: "current-version", value: HMAC_KEY }),
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
        calls.push([name, ...args].join(" "));
        return method(...args);
      },
    ]),
  ) as unknown as SecretVersions;
  return { secret: recorded, calls };
}

describe("createSecret", () => {
  test("asks for no second key when the version has one", async () => {
    const { secret, calls } = openSecret({ value: NEW_KEY });
    await takeStep("createSecret", PENDING, secret);
    expect(calls).toEqual(["describe", `read ${PENDING}`]);
  });

  test("stores a key of 64 characters, as the pending version", async () => {
    const { secret, calls } = openSecret();
    await takeStep("createSecret", PENDING, secret);
    expect(calls.slice(-2)).toEqual(["randomPassword 64", `put ${PENDING} ${NEW_KEY} AWSPENDING`]);
  });

  test("succeeds when the same step has just stored another key, and fails on any other error", async () => {
    const exists = () => Promise.reject(named("ResourceExistsException", "other value"));
    await takeStep("createSecret", PENDING, openSecret({ put: exists }).secret);
    const limit = () => Promise.reject(named("LimitExceededException", "too many versions"));
    await expect(
      takeStep("createSecret", PENDING, openSecret({ put: limit }).secret),
    ).rejects.toThrow("too many versions");
  });
});

test("setSecret only reads the pending version: whether its key is usable is tested in the next step", async () => {
  const { secret, calls } = openSecret({ value: "too short" });
  await takeStep("setSecret", PENDING, secret);
  expect(calls).toEqual(["describe", `read ${PENDING}`]);
});

describe("finishSecret", () => {
  test("makes the version current in place of the one it has seen, and marks it as rotated", async () => {
    const { secret, calls } = openSecret({ value: NEW_KEY });
    await takeStep("finishSecret", PENDING, secret);
    expect(calls.slice(-2)).toEqual([
      `makeCurrent ${PENDING} current-version`,
      `moveLabel ${ROTATED} ${PENDING} `,
    ]);
  });

  test("is refused when another version has become current meanwhile", async () => {
    const { secret, calls } = openSecret({ value: NEW_KEY, makeCurrent: async () => false });
    await expect(takeStep("finishSecret", PENDING, secret)).rejects.toThrow(
      `another version than ${PENDING} has just become AWSCURRENT`,
    );
    expect(calls.join()).not.toContain("moveLabel");
  });

  test("moves no label when the version is marked as rotated already", async () => {
    const { secret, calls } = openSecret({ labels: ["AWSCURRENT", "AWSPENDING", ROTATED] });
    await takeStep("finishSecret", PENDING, secret);
    expect(calls).toEqual(["describe"]);
  });
});

describe("a version that has been current before", () => {
  test.each(["AWSPREVIOUS", ROTATED])(
    "and is labelled %s, is not made current again: its label AWSPENDING is removed",
    async (label) => {
      const { secret, calls } = openSecret({ labels: ["AWSPENDING", label], value: NEW_KEY });
      await expect(takeStep("finishSecret", PENDING, secret)).rejects.toThrow(
        `version ${PENDING} has been current before, and is not made current again. Its label ` +
          "AWSPENDING is removed: the next rotation makes a new key",
      );
      expect(calls).toEqual(["describe", `moveLabel AWSPENDING  ${PENDING}`]);
    },
  );
});

test("a version without the label AWSPENDING is refused, by a message that names its labels", async () => {
  const { secret } = openSecret({ labels: ["MINE", "OTHER"] });
  await expect(takeStep("setSecret", PENDING, secret)).rejects.toThrow(
    `version ${PENDING} is labelled MINE, OTHER; setSecret needs one labelled AWSPENDING`,
  );
});

describe("an event", () => {
  const EVENT = { Step: "testSecret", SecretId: "id", ClientRequestToken: "token" };

  test("has three fields; any other is ignored", () => {
    expect(parseRotationEvent({ ...EVENT, RotationToken: "t" })).toEqual(EVENT);
  });

  test.each(["Step", "SecretId", "ClientRequestToken"])("with an empty %s is refused", (field) => {
    expect(() => parseRotationEvent({ ...EVENT, [field]: "" })).toThrow(
      `the event's ${field} is ""; it must be a string`,
    );
  });

  test("is quoted to 80 characters at most", () => {
    expect(() => parseRotationEvent({ ...EVENT, Step: "x".repeat(200) })).toThrow(
      `the event's Step is "${"x".repeat(79)}; it must be one of createSecret, setSecret, testSecret, finishSecret`,
    );
  });
});
