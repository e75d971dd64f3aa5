import { describe, expect, test } from "vitest";
import { openDoors } from "../support/doors.ts";
import {
  bearer,
  httpApi1,
  httpApi2,
  restRequest,
  restToken,
  webSocketConnect,
} from "../support/events.ts";
import { forgedToken, HMAC_KEY, MASTER_TOKEN, sessionToken } from "../support/tokens.ts";

describe("smuggling", () => {
  const good = (exp: number) => sessionToken(MASTER_TOKEN, HMAC_KEY, exp);

  test("one header with two bearer tokens holds none, not even a good one", async () => {
    const { isLetIn, exp } = openDoors();
    for (const value of [`Bearer x, Bearer ${good(exp)}`, `Bearer ${good(exp)}, Bearer x`]) {
      expect(await isLetIn({ headers: { Authorization: value } })).toBe(false);
    }
  });

  test("of several Authorization headers any may be good; all bad ones are refused", async () => {
    const { authorizer, exp } = openDoors();
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

  test("a good token in any other header, parameter, cookie or part opens nothing", async () => {
    const { authorizer, isLetIn, exp } = openDoors();
    const token = good(exp);
    expect(
      await isLetIn({
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

  test("a good cookie beside a header that all may send opens nothing where results are cached", async () => {
    const { authorizer, exp } = openDoors();
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
    const { authorizer, exp } = openDoors();
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
    const { isLetIn, exp } = openDoors();
    const token = good(exp);
    expect(await isLetIn({ cookies: [`pocketpaw_session="${token}"`] })).toBe(true);
    expect(await isLetIn({ cookies: [`pocketpaw_session="${token}`] })).toBe(false);
    expect(await isLetIn({ cookies: [`pocketpaw_session=""${token}""`] })).toBe(false);
    expect(await isLetIn({ query: [["token", `"${token}"`]] })).toBe(false);
    expect(await isLetIn({ headers: { Authorization: `Bearer "${token}"` } })).toBe(false);
  });

  test("empty credentials are none", async () => {
    const { isLetIn, entries } = openDoors();
    expect(
      await isLetIn({
        headers: { Authorization: "Bearer " },
        query: [["token", ""]],
        cookies: ["pocketpaw_session=", 'pocketpaw_session=""'],
      }),
    ).toBe(false);
    expect(entries.every(({ reason }) => reason === "missing")).toBe(true);
  });

  test("an event that calls itself 2.0 gets a simple answer, also a TOKEN event", async () => {
    const { authorizer } = openDoors();
    const event = { ...restToken(bearer("x")), version: "2.0" };
    expect(await authorizer(event)).toEqual({ isAuthorized: false });
  });
});
