import { ResourceNotFoundException } from "@aws-sdk/client-secrets-manager";
import { expect, test } from "vitest";
import { describeError, UnusableSecret } from "../../lib/errors.ts";

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
});

test("of any other error the message, which may quote a secret, is not logged", () => {
  expect(describeError(new SyntaxError('Unexpected token "Zk3vQp8s"'))).toEqual({
    error: "SyntaxError",
  });
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  expect(describeError(refused)).toEqual({ error: "ECONNREFUSED" });
});

test.each(["a text", undefined, null, 7, { message: "Zk3vQp8s" }])(
  "of a value that is no Error, only the type is logged: %j",
  (thrown) => {
    expect(describeError(thrown)).toEqual({ error: typeof thrown });
  },
);
