import fc from "fast-check";
import { expect, test } from "vitest";
import { type ClientRequest, httpApi2, TO_POCKETPAW, verifyRequest } from "../support/events.ts";
import { ALLOWED_ORIGIN, openFunctions } from "../support/functions.ts";
import {
  forgedToken,
  HMAC_KEY,
  MASTER_TOKEN,
  pairingToken,
  pocketPawToken,
  sessionToken,
} from "../support/tokens.ts";

const EXP = openFunctions().exp;
const tokens = fc.oneof(
  { weight: 4, arbitrary: fc.constant(sessionToken(MASTER_TOKEN, HMAC_KEY, EXP)) },
  fc.constantFrom(
    MASTER_TOKEN,
    sessionToken(MASTER_TOKEN, HMAC_KEY, 1),
    forgedToken(EXP),
    pairingToken(MASTER_TOKEN, HMAC_KEY, EXP, EXP),
    pocketPawToken(MASTER_TOKEN, EXP),
    "pp_0123456789abcdef",
    "",
  ),
);
const hosts = fc.constantFrom(
  "paw.example.com",
  "paw.example.com:443",
  "localhost:8000",
  "a b",
  "",
);
const origins = fc.constantFrom(
  "https://paw.example.com",
  "http://localhost:8000",
  ALLOWED_ORIGIN,
  "https://evil.example",
  "null",
);
const headers = fc.record(
  {
    host: hosts,
    authorization: fc
      .tuple(fc.constantFrom("Bearer ", "bearer  ", "Basic "), tokens)
      .map((parts) => parts.join("")),
    origin: origins,
    "sec-fetch-site": fc.constantFrom("same-origin", "same-site", "cross-site", "none"),
    "sec-websocket-key": fc.constant("dGhlIHNhbXBsZSBub25jZQ=="),
    upgrade: fc.constantFrom("websocket", "h2c"),
  },
  { requiredKeys: ["host"] },
);
const cookies = fc.array(
  fc
    .tuple(
      fc.constantFrom("__Host-pocketpaw_session", "pocketpaw_gateway_session", "pocketpaw_session"),
      tokens.map((token) => token.replaceAll(":", "%3A")),
    )
    .map(([name, token]) => `${name}=${token}`),
  { maxLength: 3 },
);
const paths = fc
  .array(fc.constantFrom(..."/", "api", ".", "a", "é", " ", "\n", "%", "#", "&", "\\"), {
    maxLength: 8,
  })
  .map((parts) => `/api/${parts.join("")}`);
const requests: fc.Arbitrary<ClientRequest> = fc.record({
  method: fc.constantFrom("GET", "HEAD", "OPTIONS", "POST", "DELETE", "TRACE", "get"),
  path: paths,
  headers,
  cookies,
});

test("authorizer and verify decide alike about any request without a token in its query", async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const { authorizer, verify, entries } = openFunctions({ hasPocketPaw: true });
      const result = await authorizer(httpApi2({ ...request, routeKey: TO_POCKETPAW }));
      const response = await verify(verifyRequest(request));
      const { statusCode, headers: found } = response;
      const [one, other] = entries.map(({ event, ...line }) => line);
      expect(other).toEqual(one);
      expect(result).toEqual(
        statusCode === 204
          ? {
              isAuthorized: true,
              context: expect.objectContaining({
                method: found["x-session-method"],
                sessionId: found["x-session-id"],
                upstreamCookie: found["x-pocketpaw-cookie"],
                ...(found["x-session-expires"] && { expiresAt: found["x-session-expires"] }),
              }),
            }
          : { isAuthorized: false },
      );
    }),
    { numRuns: 2_000 },
  );
});

test("whatever carries the token, all kinds of event and verify decide alike", async () => {
  const carriers: ((token: string) => ClientRequest)[] = [
    (token) => ({ headers: { Authorization: `Bearer ${token}` } }),
    (token) => ({ cookies: [`__Host-pocketpaw_session=${token}`] }),
    (token) => ({ query: [["token", token]] }),
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...carriers), tokens, async (carry, token) => {
      const origin = { Origin: "https://paw.example.com" };
      const request = carry(token);
      const { decisionsOn } = openFunctions();
      const decisions = await decisionsOn({
        ...request,
        headers: { ...origin, ...request.headers },
      });
      expect(new Set(Object.values(decisions)).size).toBe(1);
    }),
    { numRuns: 200 },
  );
});
