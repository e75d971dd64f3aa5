import type { Gateway } from "./gateway.ts";

const STACK_TRACE = /"stackTrace"|"errorType"|\\n +at /;

type Run = Pick<Gateway, "replies" | "masterToken" | "session">;

/**
 * What responses show that none may: the session token only in an exchange, or a cookie; the master token nowhere.
 *
 * @returns what, and in the response to which request
 */
export function leaksIn({ replies, masterToken, session }: Run): string[] {
  const leaks = replies.flatMap(({ request, headers, body }) => {
    const { "set-cookie": cookies, ...others } = headers;
    const text = body.toString("latin1");
    const own = request.startsWith("POST ") ? text.replace(/"session_token": ?"[^"]*"/, "") : text;
    const rest = Object.values(others).flat().join("\n");
    const found = [
      holds(text + cookies + rest, masterToken) && "the master token",
      holds(own + rest, session.token) && "a session token",
      /json/.test(String(headers["content-type"])) && STACK_TRACE.test(text) && "a stack trace",
      "x-origin-verify" in headers && "the header X-Origin-Verify",
    ];
    // A query string or a body may hold a token.
    const where = /^\S+ [^ ?]+/.exec(request)?.[0];
    return found.flatMap((what) => (what ? `${what}, in the response to ${where}` : []));
  });
  return [...new Set(leaks)];
}

function holds(text: string, token: string): boolean {
  return text.includes(token) || text.includes(encodeURIComponent(token));
}
