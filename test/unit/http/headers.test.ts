import { describe, expect, test } from "vitest";
import { fieldOf } from "../../../lib/http/fields.ts";
import { headerOf, stringsOf } from "../../../lib/http/headers.ts";

describe("a header's values", () => {
  test.each<[string, unknown, string[]]>([
    ["lower case", { headers: { origin: "a" } }, ["a"]],
    ["the client's spelling", { headers: { OriGin: "a" } }, ["a"]],
    ["two spellings", { headers: { origin: "a", Origin: "b" } }, ["a", "b"]],
    ["a list", { headers: { origin: ["a", "b"] } }, ["a", "b"]],
    ["multiValueHeaders alone", { multiValueHeaders: { Origin: ["a", "b"] } }, ["a", "b"]],
    [
      "both, once each",
      { headers: { Origin: "b" }, multiValueHeaders: { Origin: ["a", "b"] } },
      ["b", "a"],
    ],
    [
      "both, with one value each",
      { headers: { Origin: "a" }, multiValueHeaders: { Origin: ["b"] } },
      ["a", "b"],
    ],
    ["another header of the same length", { headers: { expect: "a", origin: "b" } }, ["b"]],
    ["an empty one", { headers: { origin: "" } }, []],
    [
      "what is no text",
      { headers: { origin: 7 }, multiValueHeaders: { origin: [null, {}, "a"] } },
      ["a"],
    ],
    ["another header", { headers: { origins: "a", "x-origin": "b" } }, []],
    ["headers that are none", { headers: "origin", multiValueHeaders: null }, []],
    ["no event", undefined, []],
    ["an inherited one", { headers: Object.create({ origin: "a" }) }, []],
  ])("%s", (_name, event, values) => {
    expect(headerOf(event, "origin")).toEqual(values);
  });
});

test("a list of any length has values, and nothing is thrown", () => {
  const list = Array.from({ length: 500_000 }, (_, index) => String(index));
  expect(headerOf({ multiValueHeaders: { origin: list } }, "origin")).toHaveLength(list.length);
});

test.each([
  ["a", ["a"]],
  [
    ["a", "", 7, "b"],
    ["a", "b"],
  ],
  ["", []],
  [undefined, []],
  [{ 0: "a" }, []],
])("the texts of %j are %j", (value, texts) => {
  expect(stringsOf(value)).toEqual(texts);
});

describe("a field", () => {
  test("is found where the value itself has it", () => {
    expect(fieldOf({ a: 1 }, "a")).toBe(1);
    expect(fieldOf(["x"], "0")).toBe("x");
  });

  test.each<[unknown, string]>([
    [undefined, "a"],
    [null, "a"],
    ["text", "length"],
    [() => undefined, "name"],
    [{}, "constructor"],
    [{}, "__proto__"],
    [Object.create({ a: 1 }), "a"],
  ])("is undefined where it has not: %j, %s", (value, name) => {
    expect(fieldOf(value, name)).toBeUndefined();
  });
});
