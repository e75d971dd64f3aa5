import { ResourceNotFoundException } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import {
  BadSettings,
  describeError,
  GatewayError,
  NotStored,
  Overtaken,
  StepRefused,
  UnusableSecret,
  UpstreamFailed,
} from "../../lib/errors.ts";

test.each([
  [
    new UnusableSecret("secret_empty", "the secret is empty"),
    "UnusableSecret",
    "secret_empty",
    "the secret is empty",
  ],
  [
    new UpstreamFailed("upstream_failed", "PocketPaw responded 500"),
    "UpstreamFailed",
    "upstream_failed",
    "PocketPaw responded 500",
  ],
  [new Overtaken(), "Overtaken", "overtaken", "the master token was replaced by another request"],
  [
    new NotStored("the-token", new Error("down")),
    "NotStored",
    "not_stored",
    "the new master token could not be stored",
  ],
  [new StepRefused("no such step"), "StepRefused", "step_refused", "no such step"],
  [
    new BadSettings(["A is not set; it must be a", "B is empty; it must be b"]),
    "BadSettings",
    "bad_settings",
    "Bad settings: A is not set; it must be a. B is empty; it must be b.",
  ],
])("%s has a name, a reason code and a message", (error, name, reason, message) => {
  expect(error).toBeInstanceOf(GatewayError);
  expect({ name: error.name, reason: error.reason, message: error.message }).toEqual({
    name,
    reason,
    message,
  });
});

test("a token that could not be stored is beside the message, with the cause", () => {
  const cause = new Error("down");
  expect(new NotStored("the-token", cause)).toMatchObject({ token: "the-token", cause });
});

test("of the service's own exceptions and of ours, name and message are logged", () => {
  const absent = new ResourceNotFoundException({ message: "not there", $metadata: {} });
  expect(describeError(absent)).toEqual({
    error: "ResourceNotFoundException",
    detail: "not there",
  });
  expect(describeError(new UnusableSecret("secret_empty", "the secret is empty"))).toEqual({
    error: "secret_empty",
    detail: "the secret is empty",
  });
  expect(describeError(new StepRefused("no such step"))).toEqual({
    error: "StepRefused",
    detail: "no such step",
  });
});

test("of any other error the message, which may quote a secret, is not logged", () => {
  expect(describeError(new SyntaxError('Unexpected token "Zk3vQp8s"'))).toEqual({
    error: "SyntaxError",
  });
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(describeError(refused)).toEqual({ error: "ECONNREFUSED" });
  for (const fields of [{ code: 7 }, { $fault: "client" }, { $metadata: {} }]) {
    const odd = Object.assign(new TypeError("Zk3vQp8s"), fields);
    expect(describeError(odd)).toEqual({ error: "TypeError" });
  }
});

test.each(["a text", undefined, null, 7, { message: "Zk3vQp8s" }])(
  "of a value that is no Error, only the type is logged: %j",
  (thrown) => {
    expect(describeError(thrown)).toEqual({ error: typeof thrown });
  },
);
