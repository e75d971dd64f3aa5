import { expect, test } from "vitest";
import { jsonResponse, unauthorized, unavailable } from "../../../lib/http/response.ts";

test.each([jsonResponse(200, {}), unauthorized("no"), unavailable()])(
  "the response $statusCode is JSON that no cache may keep",
  ({ headers, body }) => {
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["cache-control"]).toBe("no-store");
    expect(JSON.parse(body)).toBeTypeOf("object");
  },
);

test("401 carries a challenge, with an error code for a token that is invalid", () => {
  expect(unauthorized("no")).toMatchObject({
    statusCode: 401,
    headers: { "www-authenticate": 'Bearer realm="pocketpaw"' },
    body: '{"detail":"no"}',
  });
  expect(unauthorized("no", "invalid_token").headers["www-authenticate"]).toBe(
    'Bearer realm="pocketpaw", error="invalid_token"',
  );
});

test("503 says when to try again, in whole seconds, and nothing of the inside", () => {
  const { statusCode, headers, body } = unavailable();
  expect(statusCode).toBe(503);
  expect(headers["retry-after"]).toMatch(/^[1-9][0-9]*$/);
  expect(Object.keys(JSON.parse(body))).toEqual(["detail"]);
  expect(body).not.toMatch(/secret|aws|manager|lambda/i);
});
