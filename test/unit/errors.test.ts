import { ResourceNotFoundException } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import * as errors from "../../lib/errors.ts";

test.each([
  [
    new errors.UnusableSecret("secret_empty", "the secret is empty"),
    "UnusableSecret",
    "secret_empty",
  ],
  [
    new errors.UpstreamFailed("upstream_failed", "PocketPaw responded 500"),
    "UpstreamFailed",
    "upstream_failed",
  ],
  [new errors.Overtaken(), "Overtaken", "overtaken"],
  [new errors.NotStored("the-token", new Error("down")), "NotStored", "not_stored"],
  [new errors.StepRefused("no such step"), "StepRefused", "step_refused"],
  [new errors.BadSettings(["A is not set", "B is empty"]), "BadSettings", "bad_settings"],
  [new errors.SecretsUnavailable(new Error("down")), "SecretsUnavailable", "secrets_unavailable"],
])("%s has a name and a reason code", (error, name, reason) => {
  expect(error).toBeInstanceOf(errors.GatewayError);
  expect(error).toMatchObject({ name, reason });
});

test("messages name what is wrong, and a token is only beside them", () => {
  expect(new errors.BadSettings(["A is not set", "B is empty"]).message).toBe(
    "Bad settings: A is not set. B is empty.",
  );
  const cause = new Error("down");
  const { token, message, cause: found } = new errors.NotStored("the-token", cause);
  expect([token, message, found]).toEqual([
    "the-token",
    "the new master token could not be stored",
    cause,
  ]);
});

const absent = new ResourceNotFoundException({ message: "not there", $metadata: {} });
const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
const quoting = (fields: object) => Object.assign(new TypeError("Zk3vQp8s"), fields);

test.each<[string, unknown, object]>([
  [
    "the service's own exception",
    absent,
    { error: "ResourceNotFoundException", detail: "not there" },
  ],
  [
    "the same, as the cause",
    new errors.SecretsUnavailable(absent),
    { error: "ResourceNotFoundException", detail: "not there" },
  ],
  [
    "an unusable secret",
    new errors.UnusableSecret("secret_empty", "the secret is empty"),
    { error: "secret_empty", detail: "the secret is empty" },
  ],
  [
    "another of ours",
    new errors.StepRefused("no such step"),
    { error: "StepRefused", detail: "no such step" },
  ],
  ["a system error", refused, { error: "ECONNREFUSED" }],
  [
    "what may quote a secret",
    new SyntaxError('Unexpected token "Zk3vQp8s"'),
    { error: "SyntaxError" },
  ],
  ...[{ code: 7 }, { $fault: "client" }, { $metadata: {} }].map(
    (fields): [string, unknown, object] => [
      `what looks like another: ${JSON.stringify(fields)}`,
      quoting(fields),
      { error: "TypeError" },
    ],
  ),
  ...["a text", undefined, null, 7, { message: "Zk3vQp8s" }].map(
    (thrown): [string, unknown, object] => [
      `no Error: ${JSON.stringify(thrown)}`,
      thrown,
      { error: typeof thrown },
    ],
  ),
])("of %s this is logged", (_name, error, described) => {
  expect(errors.describeError(error)).toEqual(described);
});
