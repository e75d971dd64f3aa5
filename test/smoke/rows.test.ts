import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Check, runCheck } from "../../smoke/check.ts";
import { regeneration } from "../../smoke/checks/regeneration.ts";
import type { Reply, Send } from "../../smoke/client.ts";
import { type Gateway, openGateway } from "../../smoke/gateway.ts";
import { row } from "../../smoke/report.ts";
import { CHECKS } from "../../smoke/run.ts";
import { ROOT } from "../support/checkout.ts";
import { forgedToken, MASTER_TOKEN } from "../support/tokens.ts";
import { CLAIMS, edit } from "./claims.ts";
import { startGateway } from "./gateway.ts";

let server: Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;
beforeAll(async () => {
  server = await startGateway();
  gateway = await openGateway(server.url, MASTER_TOKEN);
});
afterAll(() => server.close());

/** The real gateway's responses to a row's requests, for which it holds. */
async function record(check: Check): Promise<Reply[]> {
  const sent: Promise<Reply>[] = [];
  const send: Send = (...request) => {
    const reply = gateway.send(...request);
    sent.push(reply);
    return reply;
  };
  expect(await runCheck(check, { ...gateway, send })).toMatchObject({ verdict: "holds" });
  return Promise.all(sent);
}

/** Runs a row over these responses, in turn. */
async function replay(check: Check, replies: readonly Reply[]): Promise<string> {
  const rest = [...replies];
  const send: Send = async () => rest.shift() ?? expect.fail("one request more");
  return (await runCheck(check, { ...gateway, send })).verdict;
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
].map(([, name = "", requests]) => [name, Number(requests)]);

/** These may ask the same more than once. */
const REPEATING = ["latency", "no-sharing", "login"];
const CHANGES_NOTHING = /^(GET|HEAD|OPTIONS) |^POST \S+(login|logout|session|smoke-test)/;

test("docs/smoke.md has every row in its order with the number of its requests, which change nothing", async () => {
  const found = Object.entries(CHECKS).map(async ([name, check]) => {
    const asked: string[] = [];
    const send: Send = (request, headers) => {
      expect(request).toMatch(CHANGES_NOTHING);
      asked.push(JSON.stringify([request, headers]));
      return gateway.send(request, headers);
    };
    await runCheck(check, { ...gateway, send });
    return [name, REPEATING.includes(name) ? asked.length : new Set(asked).size];
  });
  expect(DOCUMENTED).toEqual([...(await Promise.all(found)), ["regeneration", 5], ["secrecy", 0]]);
});

test.each(Object.entries(CHECKS))(
  "%s holds for the gateway, and for no other response in any place",
  async (name, check) => {
    expect(await unnoticed(name, check, await record(check))).toEqual([]);
  },
);

// Asked from another origin, and by a session; then by the new session, the old one and the old master token.
test("regeneration holds for the contract's responses, and for no other in any place", async () => {
  const repliesWith = (token: string): Reply[] =>
    [403, 200, 200, 403, 401].map((status, at) => ({
      status,
      headers: at === 1 ? { "set-cookie": [`pocketpaw_gateway_session=${token}; Path=/`] } : {},
      body: Buffer.from(at === 1 ? JSON.stringify({ token }) : ""),
      milliseconds: 1,
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
  const replies = (await record(login)).map((reply, at) => (at === 1 ? otherMac(reply) : reply));
  expect(await replay(login, replies)).toBe("does not hold");
});

test("no row prints what a gateway repeats in its responses", async () => {
  const send: Send = async (request, headers = {}) => {
    const reply = await gateway.send(request, headers);
    const told = [request, ...Object.values(headers)].join(" ");
    const all = { "www-authenticate": [told], location: [`/?${told}`], "content-type": [told] };
    return { ...reply, headers: { ...reply.headers, ...all }, body: Buffer.from(told) };
  };
  const rows = await Promise.all(
    Object.entries(CHECKS).map(async ([name, check]) =>
      row(name, await runCheck(check, { ...gateway, send })),
    ),
  );
  expect(rows.join("\n")).toContain("DOES NOT HOLD");
  expect(rows.join("\n")).not.toContain(MASTER_TOKEN);
  expect(rows.join("\n")).not.toMatch(/[0-9]{5,}(:|%3A)[0-9a-f]{16,}/);
});
