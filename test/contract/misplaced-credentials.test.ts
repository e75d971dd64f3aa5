import { describe, expect, test } from "vitest";
import {
  bearer,
  httpApi1,
  httpApi2,
  restRequest,
  restToken,
  webSocketConnect,
} from "../support/events.ts";
import { openFunctions } from "../support/functions-in-memory.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

describe("credentials in unusual places and forms", () => {
  const good = (exp: number) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp);

  test.each<[string, (token: string) => string]>([
    ["last", (token) => `Bearer x, Bearer ${token}`],
    ["first", (token) => `Bearer ${token}, Bearer x`],
  ])(
    "one header with two bearer tokens, the %s of which is valid, is refused",
    async (_name, of) => {
      const { isAllowed, exp } = openFunctions();
      expect(await isAllowed({ headers: { Authorization: of(good(exp)) } })).toBe(false);
    },
  );

  test("of several Authorization headers one valid one is enough; invalid ones alone are refused", async () => {
    const { authorizer, exp } = openFunctions();
    const withHeaders = (...values: string[]) => ({
      ...restRequest({}),
      multiValueHeaders: { Authorization: values },
    });
    await expect(authorizer(withHeaders("Bearer x", `Bearer ${forgedToken(exp)}`))).rejects.toThrow(
      /^Unauthorized$/,
    );
    expect(await authorizer(withHeaders("Bearer x", `Bearer ${good(exp)}`))).toHaveProperty(
      "policyDocument",
    );
  });

  test("a valid token in any other header, parameter, cookie or part is refused", async () => {
    const { authorizer, isAllowed, exp } = openFunctions();
    const token = good(exp);
    expect(
      await isAllowed({
        headers: {
          "Proxy-Authorization": `Bearer ${token}`,
          "X-Authorization": `Bearer ${token}`,
          "X-Forwarded-Authorization": `Bearer ${token}`,
          Authorization2: `Bearer ${token}`,
          "X-Api-Key": token,
          token,
          Referer: `https://example.com/?token=${token}`,
        },
        query: [
          ["access_token", token],
          ["Token", token],
          ["token[]", token],
          ["authorization", `Bearer ${token}`],
          ["__proto__", token],
          ["constructor", token],
          ["__proto__[token]", token],
        ],
        cookies: [
          `token=${token}`,
          `Pocketpaw_Session=${token}`,
          `pocketpaw_session_=${token}`,
          `__Secure-pocketpaw_session=${token}`,
          `x=pocketpaw_session=${token}`,
          `x="; pocketpaw_sessio=${token}`,
        ],
      }),
    ).toBe(false);
    const event = { ...httpApi2({}), body: `{"token":"${token}"}`, rawPath: `/?token=${token}` };
    expect(await authorizer(event)).toEqual({ isAuthorized: false });
  });

  test("where results are cached, a valid cookie beside an invalid header is refused", async () => {
    const { authorizer, exp } = openFunctions();
    const request = {
      headers: { Authorization: "Bearer null" },
      query: [["token", good(exp)]] as [string, string][],
      cookies: [`pocketpaw_session=${good(exp)}`],
    };
    const cached = { ...httpApi2(request), identitySource: ["Bearer null"] };
    expect(await authorizer(cached)).toEqual({ isAuthorized: false });
    for (const kind of [httpApi1, restRequest, webSocketConnect]) {
      await expect(authorizer(kind(request))).rejects.toThrow(/^Unauthorized$/);
    }
    expect(await authorizer(httpApi2(request))).toMatchObject({ isAuthorized: true });
  });

  test("a token that only a prototype holds is no credential", async () => {
    const { authorizer, exp } = openFunctions();
    const inherited = Object.create({ token: good(exp), authorization: `Bearer ${good(exp)}` });
    const event = {
      ...httpApi2({}),
      headers: inherited,
      queryStringParameters: inherited,
      rawQueryString: "",
    };
    expect(await authorizer(event)).toEqual({ isAuthorized: false });
    const polluted = JSON.parse(`{"__proto__":{"token":"${good(exp)}"}}`);
    expect(await authorizer({ ...event, headers: {}, queryStringParameters: polluted })).toEqual({
      isAuthorized: false,
    });
  });

  test("quotes around a cookie's value belong to the cookie, and to nothing else", async () => {
    const { isAllowed, exp } = openFunctions();
    const token = good(exp);
    expect(await isAllowed({ cookies: [`pocketpaw_session="${token}"`] })).toBe(true);
    expect(await isAllowed({ cookies: [`pocketpaw_session="${token}`] })).toBe(false);
    expect(await isAllowed({ cookies: [`pocketpaw_session=""${token}""`] })).toBe(false);
    expect(await isAllowed({ query: [["token", `"${token}"`]] })).toBe(false);
    expect(await isAllowed({ headers: { Authorization: `Bearer "${token}"` } })).toBe(false);
  });

  test("empty credentials are none", async () => {
    const { isAllowed, entries } = openFunctions();
    expect(
      await isAllowed({
        headers: { Authorization: "Bearer " },
        query: [["token", ""]],
        cookies: ["pocketpaw_session=", 'pocketpaw_session=""'],
      }),
    ).toBe(false);
    expect(entries.every(({ reason }) => reason === "missing")).toBe(true);
  });

  test("an event whose version is 2.0 gets a simple response, also a TOKEN event", async () => {
    const { authorizer } = openFunctions();
    const event = { ...restToken(bearer("x")), version: "2.0" };
    expect(await authorizer(event)).toEqual({ isAuthorized: false });
  });
});
