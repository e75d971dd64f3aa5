import type { Reply } from "./client.ts";

const STACK_TRACE = /"stackTrace"|"errorType"|\\n +at /;

/**
 * Watches all responses for what none may hold.
 *
 * @param masterToken what no response may hold
 * @returns `onReply`, which gets each response; `guard`, from which on only an exchange, or a cookie, may hold this
 *   session token; and `leaks`, which says what was found so far, and where
 */
export function createSecrecy(masterToken: string) {
  const leaks = new Set<string>();
  let sessionToken = masterToken;

  function onReply(request: string, { headers, body }: Reply): void {
    const { "set-cookie": cookies = [], ...others } = headers;
    const text = body.toString("latin1");
    const own = request.startsWith("POST ") ? text.replace(/"session_token": ?"[^"]*"/, "") : text;
    const rest = Object.values(others).flat();
    const isJson = headers["content-type"]?.some((type) => type.includes("json"));
    const found = [
      tell([text, ...cookies, ...rest], masterToken) && "the master token",
      sessionToken !== masterToken && tell([own, ...rest], sessionToken) && "a session token",
      isJson && STACK_TRACE.test(text) && "a stack trace",
      "x-origin-verify" in headers && "the header X-Origin-Verify",
    ];
    // A query string or a body may hold a token.
    const where = /^\S+ [^ ?]+/.exec(request)?.[0];
    for (const what of found) if (what) leaks.add(`${what}, in the response to ${where}`);
  }

  return {
    onReply,
    guard: (token: string) => {
      sessionToken = token;
    },
    leaks: (): readonly string[] => [...leaks],
  };
}

function tell(texts: readonly (string | undefined)[], token: string): boolean {
  return texts.some((text) => text?.includes(token) || text?.includes(encodeURIComponent(token)));
}
