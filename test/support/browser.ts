import { acceptedMethods, createAuthorizer } from "../../lib/functions/authorizer.ts";
import { createLogin } from "../../lib/functions/login.ts";
import { createLogout } from "../../lib/functions/logout.ts";
import { createQr } from "../../lib/functions/qr.ts";
import { createSession } from "../../lib/functions/session.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import { documented } from "./documented.ts";
import { bearer, type ClientRequest, exchangeRequest, httpApi2, qrRequest } from "./events.ts";
import { createTestKeyring } from "./keyring.ts";
import { createTestLog } from "./logs.ts";

export const ALLOWED_ORIGIN = "https://dash.example.com";

/** The functions of browser sessions over one keyring, on a clock of the test's own. */
export function openBrowserFunctions({
  native = false,
  publicUrl = null,
  ttlHours = 24,
}: {
  /** Whether PocketPaw is behind the gateway. */
  native?: boolean;
  publicUrl?: string | null;
  ttlHours?: number;
} = {}) {
  const context = createTestKeyring();
  const { log, entries } = createTestLog();
  const common = { keyring: context.keyring, now: context.clock.now, log };
  const allowedOrigins = [ALLOWED_ORIGIN];
  const authorizer = createAuthorizer({
    ...common,
    accepts: acceptedMethods({ acceptMasterToken: true, acceptNativeTokens: native }),
    allowedOrigins,
  });
  const session = documented(
    "POST /auth/session",
    createSession({ ...common, sessionTtlHours: ttlHours, setsCookie: native }),
  );
  const qr = documented(
    "GET /qr",
    createQr({
      ...common,
      sessionTtlHours: ttlHours,
      publicUrl,
      // The text itself: that a reader finds it in the picture is shown with the real encoder.
      encode: (text) => Buffer.from(text),
    }),
  );

  /** What the authorizer's context is for a request; undefined when it is refused. */
  async function contextOf(request: ClientRequest): Promise<Record<string, string> | undefined> {
    const result = (await authorizer(httpApi2(request))) as {
      isAuthorized: boolean;
      context?: Record<string, string>;
    };
    return result.isAuthorized ? result.context : undefined;
  }

  /** A pairing token, by the QR code of whoever has this token; undefined when there is none. */
  async function pairWith(token: string): Promise<string | undefined> {
    const found = await contextOf(bearer(token));
    const response = found && (await qr(qrRequest(found)));
    if (response?.statusCode !== 200) return undefined;
    const url = new URL(Buffer.from(response.body, "base64").toString());
    return url.searchParams.get("token") ?? undefined;
  }

  return {
    ...context,
    entries,
    login: documented(
      "POST /auth/login",
      createLogin({ ...common, sessionTtlHours: ttlHours, isNative: native, allowedOrigins }),
    ),
    logout: documented("POST /auth/logout", createLogout({ allowedOrigins, log })),
    qr,
    session,
    authorizer,
    exchange: (token: string) => session(exchangeRequest(bearer(token))),
    contextOf,
    pairWith,
  };
}

export const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

/** The contract's 503. */
export const UNAVAILABLE: HttpResponse = {
  statusCode: 503,
  headers: { ...JSON_HEADERS, "retry-after": "5" },
  body: '{"detail":"Authentication is temporarily unavailable"}',
};
