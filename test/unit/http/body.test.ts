import { describe, expect, test } from "vitest";
import { readJsonBody } from "../../../lib/http/body.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const LIMIT = 20;

test.each([
  ["{}", {}],
  ['{"a":1}', { a: 1 }],
  [' {"a":[]}\n', { a: [] }],
  ['{"a":"é"}', { a: "é" }],
])("%j is a JSON object, as it is and in base64", (body, object) => {
  expect(readJsonBody({ body }, LIMIT)).toEqual({ object });
  expect(readJsonBody({ body, isBase64Encoded: false }, LIMIT)).toEqual({ object });
  expect(readJsonBody({ body: base64(body), isBase64Encoded: true }, LIMIT)).toEqual({ object });
});

test.each(["", "null", "[]", "1", '"a"', "true", "{", "{}{}", "undefined", "a=b"])(
  "%j is none",
  (body) => {
    expect(readJsonBody({ body }, LIMIT)).toEqual({ reason: "invalid_body" });
    const encoded = { body: base64(body), isBase64Encoded: true };
    expect(readJsonBody(encoded, LIMIT)).toEqual({ reason: "invalid_body" });
  },
);

test.each([[undefined], [null], [7], [{}], [["{}"]], [true]])(
  "a body that is no text: %j",
  (body) => {
    expect(readJsonBody({ body }, LIMIT)).toEqual({ reason: "invalid_body" });
  },
);

test.each([undefined, null, "event", 7])("an event that is none: %j", (event) => {
  expect(readJsonBody(event, LIMIT)).toEqual({ reason: "invalid_body" });
});

describe("the limit", () => {
  const bodyOf = (bytes: number) => "{}".padEnd(bytes);

  test("counts bytes, and the last one is allowed", () => {
    expect(readJsonBody({ body: bodyOf(LIMIT) }, LIMIT)).toEqual({ object: {} });
    const tooLarge = { reason: "body_too_large" };
    expect(readJsonBody({ body: bodyOf(LIMIT + 1) }, LIMIT)).toEqual(tooLarge);
    expect(readJsonBody({ body: "é".repeat(LIMIT / 2 + 1) }, LIMIT)).toEqual(tooLarge);
  });

  test("counts what was encoded, not base64", () => {
    const encoded = (bytes: number) => ({ body: base64(bodyOf(bytes)), isBase64Encoded: true });
    expect(readJsonBody(encoded(LIMIT), LIMIT)).toEqual({ object: {} });
    expect(readJsonBody(encoded(LIMIT + 1), LIMIT)).toEqual({ reason: "body_too_large" });
  });

  test("is asked before the body is parsed", () => {
    expect(readJsonBody({ body: "x".repeat(LIMIT + 1) }, LIMIT)).toEqual({
      reason: "body_too_large",
    });
  });
});

test("only true says that the body is base64", () => {
  expect(readJsonBody({ body: "{}", isBase64Encoded: "true" }, LIMIT)).toEqual({ object: {} });
  expect(readJsonBody({ body: base64("{}"), isBase64Encoded: "true" }, LIMIT)).toEqual({
    reason: "invalid_body",
  });
});
