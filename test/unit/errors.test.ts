import { ResourceNotFoundException } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import * as errors from "../../lib/errors.ts";

const down = new Error("down");
const unusable = new errors.UnusableSecret("secret_empty", "the secret is empty");
const refused = new errors.StepRefused("no such step");
const failed = new errors.UpstreamFailed("upstream_failed", "PocketPaw responded 500");

test.each([
  [unusable, "UnusableSecret", "secret_empty"],
  [failed, "UpstreamFailed", "upstream_failed"],
  [new errors.Overtaken(), "Overtaken", "overtaken"],
  [new errors.NotStored("the-token", down), "NotStored", "not_stored"],
  [refused, "StepRefused", "step_refused"],
  [new errors.BadSettings(["A is not set"]), "BadSettings", "bad_settings"],
  [new errors.SecretsUnavailable(down), "SecretsUnavailable", "secrets_unavailable"],
])("%s has a name and a reason code", (error, name, reason) => {
  expect(error).toBeInstanceOf(errors.GatewayError);
  expect(error).toMatchObject({ name, reason });
});

test("messages name what is wrong, and a token is only beside them", () => {
  const { message } = new errors.BadSettings(["A is not set", "B is empty"]);
  expect(message).toBe("Bad settings: A is not set. B is empty.");
  expect(new errors.NotStored("the-token", down)).toMatchObject({
    token: "the-token",
    message: "the new master token could not be stored",
    cause: down,
  });
});

const absent = new ResourceNotFoundException({ message: "not there", $metadata: {} });
const ABSENT = { error: "ResourceNotFoundException", detail: "not there" };
const CODED = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
/** An error whose message may quote a secret. */
const quoting = (fields: object) => Object.assign(new TypeError("Zk3vQp8s"), fields);

test.each<[unknown, object]>([
  [absent, ABSENT],
  [new errors.SecretsUnavailable(absent), ABSENT],
  [unusable, { error: "secret_empty", detail: "the secret is empty" }],
  [refused, { error: "StepRefused", detail: "no such step" }],
  [CODED, { error: "ECONNREFUSED" }],
  [quoting({}), { error: "TypeError" }],
  [quoting({ code: 7 }), { error: "TypeError" }],
  [quoting({ $fault: "client" }), { error: "TypeError" }],
  [quoting({ $metadata: {} }), { error: "TypeError" }],
  ...["a text", undefined, null, 7, { message: "Zk3vQp8s" }].map((thrown): [unknown, object] => [
    thrown,
    { error: typeof thrown },
  ]),
])("of %o is logged: %j", (error, described) => {
  expect(errors.describeError(error)).toEqual(described);
});
