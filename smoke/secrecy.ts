import type { Reply } from "./client.ts";

/** Watches all responses for what none may hold. */
export interface Secrecy {
  readonly onReply: (request: string, reply: Reply) => void;
  /** From now on only an exchange may respond with this session token. */
  readonly guard: (sessionToken: string) => void;
  /** What was found so far: what, and where. */
  readonly leaks: () => readonly string[];
}

const STACK_TRACE = /"stackTrace"|"errorType"|\\n +at /;

/** @param masterToken what no response may hold */
export function createSecrecy(masterToken: string): Secrecy {
  const sessionTokens: string[] = [];
  const leaks = new Set<string>();

  function leaksOf(request: string, { headers, body }: Reply): string[] {
    const text = body.toString("latin1");
    const { "set-cookie": cookies = [], ...others } = headers;
    const rest = Object.values(others).flat().join("\n");
    const own = request.startsWith("POST ") ? text.replace(/"session_token": ?"[^"]*"/, "") : text;
    const isJson = headers["content-type"]?.some((type) => type.includes("json"));
    return [
      ...(tells([text, rest, ...cookies], masterToken) ? ["the master token"] : []),
      ...(sessionTokens.some((token) => tells([own, rest], token)) ? ["a session token"] : []),
      ...(isJson && STACK_TRACE.test(text) ? ["a stack trace"] : []),
      ...("x-origin-verify" in headers ? ["the header X-Origin-Verify"] : []),
    ];
  }

  return {
    guard: (sessionToken) => void sessionTokens.push(sessionToken),
    leaks: () => [...leaks],
    onReply: (request, reply) => {
      // A query string may hold a token.
      const where = request.split("?")[0];
      for (const what of leaksOf(request, reply)) leaks.add(`${what}, in the response to ${where}`);
    },
  };
}

function tells(texts: readonly string[], token: string): boolean {
  return texts.some((text) => text.includes(token) || text.includes(encodeURIComponent(token)));
}
