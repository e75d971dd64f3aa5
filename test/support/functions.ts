import { createAuthorizer } from "../../lib/functions/authorizer.ts";
import { createLogin } from "../../lib/functions/login.ts";
import { createLogout } from "../../lib/functions/logout.ts";
import { createQr } from "../../lib/functions/qr.ts";
import { createSession } from "../../lib/functions/session.ts";
import { createSessionStatus } from "../../lib/functions/session-status.ts";
import { createVerify } from "../../lib/functions/verify.ts";
import type { HttpResponse } from "../../lib/http/response.ts";
import type { Log, LogEntry } from "../../lib/log.ts";
import type { Keyring } from "../../lib/secrets/keyring.ts";
import { openKeyring } from "../../lib/secrets/open-keyring.ts";
import {
  bearer,
  type ClientRequest,
  EVENT_KINDS,
  exchangeRequest,
  httpApi2,
  qrRequest,
  restToken,
  verifyRequest,
} from "./events.ts";
import { createTestKeyring } from "./keyring.ts";
import { createTestLog } from "./logs.ts";
import { AWS_ENVIRONMENT, KEYRING_SETTINGS } from "./secret-store.ts";

export const ALLOWED_ORIGIN = "https://dash.example.com";
export const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

/** A response of the contract. */
export const json = (statusCode: number, body: object, headers: object = {}): HttpResponse => ({
  statusCode,
  headers: { ...JSON_HEADERS, ...headers },
  body: JSON.stringify(body),
});

/** The contract's 401; where a token was sent, the challenge says that it is invalid. */
export const unauthorized = (detail: string, error = ""): HttpResponse =>
  json(401, { detail }, { "www-authenticate": `Bearer realm="pocketpaw"${error}` });
export const INVALID_TOKEN = ', error="invalid_token"';

export const CROSS_ORIGIN = json(403, {
  detail: "Requests from pages of another origin are not allowed",
});
export const INTERNAL_ERROR = json(500, { detail: "Internal server error" });
export const UNAVAILABLE = json(
  503,
  { detail: "Authentication is temporarily unavailable" },
  { "retry-after": "5" },
);

/** What differs from the settings' defaults. */
interface Options {
  readonly hasPocketPaw?: boolean;
  readonly acceptsMasterToken?: boolean;
  readonly publicUrl?: string | null;
  readonly ttlHours?: number;
}

/** Every function that decides something, over one keyring. */
function functionsOver(
  { keyring, now, log }: { keyring: Keyring; now: () => number; log: Log },
  { hasPocketPaw = false, acceptsMasterToken = true, publicUrl = null, ttlHours = 24 }: Options,
) {
  const common = { keyring, now, log, sessionTtlHours: ttlHours, publicUrl, hasPocketPaw };
  const policy = { ...common, acceptsMasterToken, allowedOrigins: [ALLOWED_ORIGIN] };
  const functions = {
    authorizer: createAuthorizer(policy),
    verify: createVerify(policy),
    session: createSession(common),
    login: createLogin(policy),
    logout: createLogout(policy),
    status: createSessionStatus(common),
    // The text itself: that a reader finds it in the picture is shown with the real encoder.
    qr: createQr({ ...common, encode: (text) => Buffer.from(text) }),
  };

  /** What the authorizer's context is for a request; undefined when it is refused. */
  async function contextOf(request: ClientRequest): Promise<Record<string, string> | undefined> {
    const result = await functions.authorizer(httpApi2(request));
    return "isAuthorized" in result && "context" in result
      ? (result.context as Record<string, string>)
      : undefined;
  }

  /** A pairing token, by the QR code of whoever has this token; undefined when there is none. */
  async function pairWith(token: string): Promise<string | undefined> {
    const found = await contextOf(bearer(token));
    const response = found && (await functions.qr(qrRequest(found)));
    if (response?.statusCode !== 200) return undefined;
    return new URL(Buffer.from(response.body, "base64").toString()).hash.slice(1);
  }

  /** Whether a request is allowed: by the authorizer, for every kind of event, and by verify. */
  async function decisionsOn(request: ClientRequest): Promise<Record<string, boolean>> {
    const decisions: Record<string, boolean> = {};
    for (const [kind, event] of Object.entries(EVENT_KINDS)) {
      if (event === restToken && (request.query || request.cookies)) continue;
      decisions[kind] = await functions.authorizer(event(request)).then(
        (result) => JSON.stringify(result) !== '{"isAuthorized":false}',
        (error: Error) => {
          if (error.message !== "Unauthorized") throw error;
          return false;
        },
      );
    }
    if (!request.query) {
      decisions.verify = (await functions.verify(verifyRequest(request))).statusCode === 204;
    }
    return decisions;
  }

  return {
    ...functions,
    contextOf,
    pairWith,
    decisionsOn,
    exchange: (token: string) => functions.session(exchangeRequest(bearer(token))),
    authorize: (token: string) => functions.authorizer(httpApi2(bearer(token))),
  };
}

/** The functions with secrets in memory, on a clock of the test's own. */
export function openFunctions(options: Options & { readonly now?: () => number } = {}) {
  const context = createTestKeyring();
  const { log, entries } = createTestLog();
  const { keyring, clock } = context;
  const functions = functionsOver({ keyring, now: options.now ?? clock.now, log }, options);
  return { ...context, ...functions, entries, exp: clock.seconds() + 3_600 };
}

/** The functions with a keyring that rejects, as no secret could make it. */
export function openBroken(error: unknown) {
  const { log, entries } = createTestLog();
  const fail = () => Promise.reject(error);
  const keyring: Keyring = { current: fail, renew: fail };
  return { ...functionsOver({ keyring, now: Date.now, log }, {}), entries };
}

/**
 * A container of the functions, loaded as on AWS: after the first read of both secrets.
 *
 * @param url Secrets Manager's endpoint
 * @param now wall clock, milliseconds
 */
export async function openContainer(url: string, now: () => number = Date.now) {
  Object.assign(process.env, AWS_ENVIRONMENT, { AWS_ENDPOINT_URL_SECRETS_MANAGER: url });
  const { log, entries }: { log: Log; entries: LogEntry[] } = createTestLog();
  const keyring = await openKeyring(KEYRING_SETTINGS, log, now);
  return { ...functionsOver({ keyring, now, log }, {}), entries };
}
