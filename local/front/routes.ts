import {
  API_ROUTES,
  DIRECT_PATHS,
  inboundWebhookRoute,
  PAGE_ROUTES,
  WEBHOOK_ROUTES,
} from "../../deploy/routes.js";

export interface Route {
  /** Such as `GET /api/{proxy+}`. */
  readonly key: string;
  /** The function's key in serverless.yml; undefined: the route leads to PocketPaw. */
  readonly functionKey?: string | undefined;
  /** Behind the authorizer. */
  readonly isGuarded: boolean;
}

/** A function in serverless.yml, as far as its events are those of the HTTP API. */
export interface FunctionEvents {
  readonly events?: readonly {
    readonly httpApi?: string | { method: string; path: string; authorizer?: unknown };
  }[];
}

/** The routes that lead to functions, from serverless.yml. */
export function functionRoutes(functions: Readonly<Record<string, FunctionEvents>>): Route[] {
  return Object.entries(functions).flatMap(([functionKey, { events = [] }]) =>
    events.flatMap(({ httpApi }) => {
      if (httpApi === undefined) return [];
      if (typeof httpApi === "string") return { key: httpApi, functionKey, isGuarded: false };
      const key = `${httpApi.method.toUpperCase()} ${httpApi.path}`;
      return { key, functionKey, isGuarded: httpApi.authorizer !== undefined };
    }),
  );
}

/** The routes that lead to PocketPaw, as in the stack (deploy/pocketpaw.js). */
export function pocketPawRoutes(inboundWebhooks: readonly string[]): Route[] {
  const open = [...PAGE_ROUTES, ...WEBHOOK_ROUTES, ...inboundWebhooks.map(inboundWebhookRoute)];
  return [
    ...open.map((key) => ({ key, isGuarded: false })),
    ...API_ROUTES.map((key) => ({ key, isGuarded: true })),
  ];
}

/**
 * Finds the route of a request as an HTTP API does: the most specific one of the method, by the decoded path.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function createRouter(routes: readonly Route[]) {
  const patterns = routes
    .map((route) => ({ route, pattern: patternOf(route.key) }))
    .sort((one, other) => variables(one.route.key) - variables(other.route.key));
  return (method: string, path: string) =>
    patterns.find(({ pattern }) => pattern.test(`${method} ${path}`))?.route;
}

/** `{name}` is one segment, `{name+}` all that follows. */
function patternOf(key: string): RegExp {
  const source = key
    .replaceAll(".", "\\.")
    .replace(/\{\w+\+\}/g, ".+")
    .replace(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${source}$`, "s");
}

const variables = (key: string) => (key.includes("+}") ? Infinity : key.split("{").length);

const DIRECT_PATTERNS = DIRECT_PATHS.map(
  (path) => new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("*", ".*")}$`),
);

/** Whether CloudFront sends a path to the proxy in front of PocketPaw, past the HTTP API. */
export const isDirect = (path: string) => DIRECT_PATTERNS.some((pattern) => pattern.test(path));
