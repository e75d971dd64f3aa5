import { expect, test } from "vitest";
import { readLogoutSettings } from "../../../lib/config/logout.ts";
import { allowedOriginsOf } from "../../../lib/config/shared.ts";

test.each([
  [{}, []],
  [{ PUBLIC_URL: "https://paw.example.com/behind/a/proxy" }, ["https://paw.example.com"]],
  [{ ALLOWED_ORIGINS: "https://a.example" }, ["https://a.example"]],
  [
    { PUBLIC_URL: "https://paw.example.com", ALLOWED_ORIGINS: "https://a.example" },
    ["https://paw.example.com", "https://a.example"],
  ],
  [
    { ALLOWED_ORIGINS: " https://A.example , http://localhost:3000 " },
    ["https://a.example", "http://localhost:3000"],
  ],
])("%j allows the origins %j", (environment, origins) => {
  expect(allowedOriginsOf(readLogoutSettings(environment))).toEqual(origins);
});
