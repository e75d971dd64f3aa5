import { expect, test } from "vitest";
import { bearer, type ClientRequest, cookie, INFO, verifyRequest } from "../support/events.ts";
import {
  CROSS_ORIGIN,
  INVALID_TOKEN,
  json,
  openFunctions,
  unauthorized,
} from "../support/functions.ts";
import {
  goodPairing,
  goodSession,
  MASTER_TOKEN,
  pocketPawToken,
  sessionIdFor,
} from "../support/tokens.ts";

const LINE = { event: "verification", ...INFO };
const EXP = openFunctions().exp;
const TOKEN = goodSession(EXP);
const EVIL = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
const WEBSOCKET = { path: "/ws" };

test("a session is allowed: 204, with what PocketPaw is to get", async () => {
  const { verify, entries } = openFunctions({ hasPocketPaw: true });
  expect(await verify(verifyRequest(bearer(TOKEN)))).toEqual({
    statusCode: 204,
    body: "",
    headers: {
      "cache-control": "no-store",
      "x-session-id": sessionIdFor(TOKEN),
      "x-session-method": "session",
      "x-session-expires": String(EXP),
      "x-pocketpaw-cookie": `pocketpaw_session=${pocketPawToken(MASTER_TOKEN, EXP)}`,
    },
  });
  const found = { outcome: "allowed", method: "session", sessionId: sessionIdFor(TOKEN) };
  expect(entries).toEqual([{ level: "INFO", ...LINE, ...found }]);
});

test("the master token is allowed, and PocketPaw's token ends in 300 s", async () => {
  const { verify, clock } = openFunctions({ hasPocketPaw: true });
  const { headers } = await verify(verifyRequest(bearer(MASTER_TOKEN)));
  expect(headers).toStrictEqual({
    "cache-control": "no-store",
    "x-session-id": sessionIdFor(MASTER_TOKEN),
    "x-session-method": "master",
    "x-pocketpaw-cookie": `pocketpaw_session=${pocketPawToken(MASTER_TOKEN, clock.seconds() + 300)}`,
  });
  const without = openFunctions();
  expect((await without.verify(verifyRequest(bearer(TOKEN)))).headers).not.toHaveProperty(
    "x-pocketpaw-cookie",
  );
});

const MISSING = unauthorized("Unauthorized");
const INVALID = unauthorized("Unauthorized", INVALID_TOKEN);
const ODD = json(403, { detail: "The path is not allowed" });
const BY_COOKIE = { headers: EVIL, ...cookie(TOKEN) };

test.each<[string, ClientRequest, object, string]>([
  ["nothing", {}, MISSING, "missing"],
  ["a token in the query", { query: [["token", TOKEN]] }, MISSING, "missing"],
  ["PocketPaw's own cookie", { cookies: [`pocketpaw_session=${TOKEN}`] }, MISSING, "missing"],
  ["a wrong token", bearer("wrong"), INVALID, "wrong_master"],
  ["a pairing token", bearer(goodPairing(EXP, EXP)), INVALID, "malformed"],
  ["an odd path", { path: "/api/qr\n", ...bearer(TOKEN) }, ODD, "odd_path"],
  ["another page's POST", { method: "POST", ...BY_COOKIE }, CROSS_ORIGIN, "cross_origin"],
  ["another page's WebSocket", { ...WEBSOCKET, ...BY_COOKIE }, CROSS_ORIGIN, "cross_origin"],
  ["no page's WebSocket", { ...WEBSOCKET, ...cookie(TOKEN) }, CROSS_ORIGIN, "cross_origin"],
])("%s is refused", async (_name, request, response, reason) => {
  const { verify, entries } = openFunctions({ hasPocketPaw: true });
  expect(await verify(verifyRequest(request))).toEqual(response);
  const named = reason === "cross_origin" && { sessionId: sessionIdFor(TOKEN) };
  expect(entries).toEqual([{ level: "WARN", ...LINE, outcome: "refused", reason, ...named }]);
});

test.each([
  ["x-original-method", { headers: EVIL, ...cookie(TOKEN) }, 403],
  ["x-original-uri", bearer(TOKEN), 403],
  ["x-original-host", cookie(TOKEN), 401],
])("without the proxy's %s no client is better off", async (name, request, statusCode) => {
  const { verify } = openFunctions();
  const event = verifyRequest(request);
  expect(await verify(event)).toMatchObject({ statusCode: 204 });
  const without = { ...event, headers: { ...event.headers, [name]: "" } };
  expect(await verify(without)).toMatchObject({ statusCode });
});
