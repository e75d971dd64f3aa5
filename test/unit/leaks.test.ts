import { expect, test } from "vitest";
import { leaksOf } from "../support/leaks.ts";

const SECRET = "Zk3vQp8s:Lw1xTn6yRb4mHc9d";

test.each([
  ["as it is", SECRET],
  ["a piece of it", SECRET.slice(5, 13)],
  ["in a JSON string", JSON.stringify({ a: SECRET })],
  ["in a query string", new URLSearchParams({ token: SECRET }).toString()],
  ["in base64", Buffer.from(SECRET).toString("base64")],
  ["in base64, behind one byte", Buffer.from(`a${SECRET}`).toString("base64")],
  ["in base64, within more", Buffer.from(`Basic ab${SECRET} and more`).toString("base64")],
  ["in base64url", Buffer.from(`a${SECRET}`).toString("base64url")],
  ["in hex", Buffer.from(`x${SECRET}`).toString("hex")],
])("a secret is found %s", (_name, text) => {
  expect(leaksOf({ secret: SECRET }, `before ${text} behind`)).not.toEqual([]);
});

test("what holds none of it is clean", () => {
  expect(leaksOf({ secret: SECRET }, JSON.stringify({ sessionId: "ba7816bf8f01cfea" }))).toEqual(
    [],
  );
});
