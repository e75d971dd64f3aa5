import { expect, test } from "vitest";
import { leaksIn } from "../../smoke/secrecy.ts";
import { forgedToken, MASTER_TOKEN } from "../support/tokens.ts";

const TOKEN = forgedToken(2e9);
const JSON_TYPE = { "content-type": ["application/json"] };

test.each<[string, string, Record<string, string[]>, string, string[]]>([
  ["in a body", "GET /x?a", {}, MASTER_TOKEN, ["the master token"]],
  ["in a cookie", "GET /x", { "set-cookie": [MASTER_TOKEN] }, "", ["the master token"]],
  ["in a header", "GET /x", { location: [encodeURIComponent(TOKEN)] }, "", ["a session token"]],
  ["in another field", "POST /x {}", {}, `{"t":"${TOKEN}"}`, ["a session token"]],
  ["of an exchange", "POST /x", {}, `{"session_token":"${TOKEN}"}`, []],
  ["in the cookie of a login", "POST /x", { "set-cookie": [TOKEN] }, "", []],
  ["in an error", "GET /x", JSON_TYPE, '{"stackTrace":[]}', ["a stack trace"]],
  ["upstream", "GET /x", { "x-origin-verify": ["x"] }, "", ["the header X-Origin-Verify"]],
])("secrecy looks at what is %s", (_, request, headers, body, leaks) => {
  const reply = { request, status: 200, headers, body: Buffer.from(body), milliseconds: 1 };
  const session = { token: TOKEN, exp: 2e9 };
  const where = request.split(/[? ]/).slice(0, 2).join(" ");
  expect(leaksIn({ replies: [reply], masterToken: MASTER_TOKEN, session })).toEqual(
    leaks.map((what) => `${what}, in the response to ${where}`),
  );
});
