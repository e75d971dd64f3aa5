import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type Check, runCheck } from "../../smoke/check.ts";
import { regeneration } from "../../smoke/checks/regeneration.ts";
import type { Reply, Send } from "../../smoke/client.ts";
import { openGateway } from "../../smoke/gateway.ts";
import { row } from "../../smoke/report.ts";
import { CHECKS } from "../../smoke/run.ts";
import { ROOT } from "../support/checkout.ts";
import { forgedToken, MASTER_TOKEN } from "../support/tokens.ts";
import { CLAIMS, edit } from "./claims.ts";
import { startGateway } from "./gateway.ts";

const server = await startGateway();
afterAll(() => server.close());
const gateway = await openGateway(server.url, MASTER_TOKEN);

const runWith = (check: Check, send: Send) => runCheck(check, { ...gateway, send });

/** A row's requests, which change nothing, and the real gateway's responses, for which the row holds. */
async function record(check: Check) {
  const asked: string[] = [];
  const replies: Promise<Reply>[] = [];
  const { verdict } = await runWith(check, (...request) => {
    const reply = gateway.send(...request);
    asked.push(JSON.stringify(request));
    replies.push(reply);
    return reply;
  });
  expect(verdict).toBe("holds");
  for (const request of asked) expect(request).toMatch(CHANGES_NOTHING);
  return { asked, replies: await Promise.all(replies) };
}
const CHANGES_NOTHING = /^\["((GET|HEAD|OPTIONS) |POST [^ "]+(login|logout|session|smoke-test))/;

/** Runs a row over these responses, in turn. */
async function replay(check: Check, replies: readonly Reply[]): Promise<string> {
  const rest = [...replies];
  return (await runWith(check, async () => rest.shift() ?? expect.fail("one request more")))
    .verdict;
}

/** Breaks one response after the other in every way; the ways that changed none, or that the row did not notice. */
async function unnoticed(name: string, check: Check, replies: readonly Reply[]): Promise<string[]> {
  const missed: string[] = [];
  const otherStatus = (reply: Reply) => ({ ...reply, status: reply.status < 400 ? 503 : 200 });
  for (const [way, change] of [otherStatus, ...(CLAIMS[name] ?? [])].entries()) {
    const changed = replies.flatMap((reply, at) => {
      const other = change(reply);
      return other === reply ? [] : [{ at, given: replies.with(at, other) }];
    });
    if (changed.length === 0) missed.push(`way ${way} changes no response`);
    for (const { at, given } of changed) {
      const verdict = await replay(check, given);
      if (verdict !== "does not hold") missed.push(`way ${way} at response ${at}`);
    }
  }
  return missed;
}

/** The rows of the page's table: their name, and the number of requests. */
const DOCUMENTED = [
  ...readFileSync(join(ROOT, "docs", "smoke.md"), "utf8").matchAll(
    /^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \| (\d+) \|$/gm,
  ),
].map(([, name = "", requests]) => [name, Number(requests)] as const);

test("docs/smoke.md has every row in its order", () => {
  const names = DOCUMENTED.map(([name]) => name);
  expect(names).toEqual([...Object.keys(CHECKS), "regeneration", "secrecy"]);
});

/** These may ask the same more than once. */
const REPEATING = ["latency", "no-sharing", "login"];

test.each(DOCUMENTED.filter(([name]) => name in CHECKS))(
  "%s holds for the gateway, by %i requests, and for no other response in any place",
  async (name, requests) => {
    const check = CHECKS[name] ?? expect.fail();
    const { asked, replies } = await record(check);
    expect(REPEATING.includes(name) ? asked.length : new Set(asked).size).toBe(requests);
    expect(await unnoticed(name, check, replies)).toEqual([]);
  },
);

// Asked from another origin, and by a session; then by the new session, the old one and the old master token.
test("regeneration holds for the contract's responses, and for no other in any place", async () => {
  const statuses = [403, 200, 200, 403, 401];
  expect(DOCUMENTED).toContainEqual(["regeneration", statuses.length]);
  const repliesWith = (token: string): Reply[] =>
    statuses.map((status, at) => ({
      ...{ request: "", status, milliseconds: 1 },
      headers: at === 1 ? { "set-cookie": [`pocketpaw_gateway_session=${token}; Path=/`] } : {},
      body: Buffer.from(at === 1 ? JSON.stringify({ token }) : ""),
    }));
  const right = repliesWith(forgedToken(gateway.session.exp));
  expect(await replay(regeneration(0), right)).toBe("holds");
  expect(await unnoticed("regeneration", regeneration(0), right)).toEqual([]);
  for (const token of [gateway.session.token, forgedToken(gateway.session.exp + 1)]) {
    expect(await replay(regeneration(0), repliesWith(token))).toBe("does not hold");
  }
});

test("login holds only where a session token becomes the cookie as it is", async () => {
  const login = CHECKS.login ?? expect.fail("there is no row login");
  const otherMac = edit("set-cookie", /:[0-9a-f]{64}/, `:${"0".repeat(64)}`);
  const { replies } = await record(login);
  expect(await replay(login, replies.with(1, otherMac(replies[1] ?? expect.fail())))).toBe(
    "does not hold",
  );
});

test("no row prints what a gateway repeats in its responses", async () => {
  const send: Send = async (request, headers = {}) => {
    const reply = await gateway.send(request, headers);
    const told = [request, ...Object.values(headers)].join(" ");
    const all = { "www-authenticate": [told], location: [`/?${told}`], "content-type": [told] };
    return { ...reply, headers: { ...reply.headers, ...all }, body: Buffer.from(told) };
  };
  const rows = Object.entries(CHECKS).map(async ([name, check]) =>
    row(name, await runWith(check, send)),
  );
  const printed = (await Promise.all(rows)).join("\n");
  expect(printed).toContain("DOES NOT HOLD");
  expect(printed).not.toContain(MASTER_TOKEN);
  expect(printed).not.toMatch(/[0-9]{5,}(:|%3A)[0-9a-f]{16,}/);
});
