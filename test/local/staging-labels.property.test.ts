import fc from "fast-check";
import { expect, test } from "vitest";
import { ServiceError } from "../../local/secrets-manager/errors.ts";
import { runOperation } from "../../local/secrets-manager/operations.ts";
import { type State, versionWithStage } from "../../local/secrets-manager/secret.ts";

/** Eight version ids, so that sequences meet the same ones again. */
const anyToken = fc.integer({ min: 0, max: 7 }).map((n) => `version-${n}`.padEnd(32, "."));
const anyLabel = fc.constantFrom("AWSCURRENT", "AWSPENDING", "MINE", "YOURS");

const anyPut = fc.record(
  {
    SecretId: fc.constant("one"),
    ClientRequestToken: anyToken,
    SecretString: fc.constantFrom("a", "b"),
    VersionStages: fc.uniqueArray(anyLabel, { minLength: 1 }),
  },
  { requiredKeys: ["SecretId", "ClientRequestToken", "SecretString"] },
);
const anyUpdate = fc.record(
  {
    SecretId: fc.constant("one"),
    VersionStage: anyLabel,
    RemoveFromVersionId: anyToken,
    MoveToVersionId: anyToken,
  },
  { requiredKeys: ["SecretId", "VersionStage"] },
);
const anyStep = fc.oneof(
  anyPut.map((input) => ["PutSecretValue", input] as const),
  anyUpdate.map((input) => ["UpdateSecretVersionStage", input] as const),
);

const CREATION = {
  Name: "one",
  SecretString: "a",
  ClientRequestToken: "version-0".padEnd(32, "."),
};

const versionsOf = (state: State) => state[0]?.versions ?? [];
const holder = (state: State, label: string) =>
  state[0] && versionWithStage(state[0], label)?.versionId;

test("whatever is put and moved, the labels keep their meaning, no value changes, and no version is lost", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      let { state } = runOperation("CreateSecret", [], CREATION, 0);
      let previous: string | undefined;
      const values = new Map<string, unknown>();
      for (const [operation, input] of steps) {
        const before = state;
        try {
          ({ state } = runOperation(operation, state, input, 0));
          if ("VersionStage" in input) {
            expect(holder(state, input.VersionStage)).toBe(input.MoveToVersionId);
          }
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
        }
        if (holder(before, "AWSCURRENT") !== holder(state, "AWSCURRENT")) {
          previous = holder(before, "AWSCURRENT");
        }
        const labels = versionsOf(state).flatMap(({ stages }) => stages);
        expect(new Set(labels).size).toBe(labels.length);
        expect(labels).toContain("AWSCURRENT");
        expect(holder(state, "AWSPREVIOUS")).toBe(previous);
        for (const { versionId, value } of versionsOf(state)) {
          expect(values.get(versionId) ?? value).toEqual(value);
          values.set(versionId, value);
        }
        expect(versionsOf(state)).toHaveLength(values.size);
      }
    }),
  );
});
