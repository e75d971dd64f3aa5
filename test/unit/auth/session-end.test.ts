import { expect, test } from "vitest";
import { sessionEndOf } from "../../../lib/auth/session-end.ts";

const NOW = 1_767_268_800;

test.each([
  ["a session's own end", { method: "session", expiresAt: NOW + 5 }, NOW + 5],
  ["a PocketPaw token's own end", { method: "native", expiresAt: NOW + 5 }, NOW + 5],
  [
    "for the master token, that of a session that starts now",
    { method: "master", expiresAt: undefined },
    NOW + 7_200,
  ],
  [
    "for the master token, whatever else is said",
    { method: "master", expiresAt: NOW + 5 },
    NOW + 7_200,
  ],
  ["now, where a session's end is not known", { method: "session", expiresAt: undefined }, NOW],
] as const)("what is handed on ends at %s", (_name, caller, end) => {
  expect(sessionEndOf(caller, NOW, 2)).toBe(end);
});
