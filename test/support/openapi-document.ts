import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "./checkout.ts";

interface MediaType {
  readonly schema?: object;
  readonly example?: object;
  readonly examples?: Readonly<Record<string, { readonly value: object }>>;
}
export interface Header {
  readonly required?: boolean;
  readonly schema: object;
}
export interface ResponseObject {
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}
interface Operation {
  /** Which credentials it takes, where they are not the document's. */
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, ResponseObject>>;
}
interface Server {
  readonly url: string;
}
type PathItem = Readonly<Partial<Record<(typeof METHODS)[number], Operation>>> & {
  readonly servers?: readonly Server[];
};

interface OpenApi {
  readonly servers: readonly Server[];
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, PathItem>>;
}

const METHODS = ["get", "head", "post", "put", "patch", "delete"] as const;

/** docs/openapi.yaml. */
export const DOCUMENT: OpenApi = parse(readFileSync(join(ROOT, "docs", "openapi.yaml"), "utf8"));

/** Every operation of docs/openapi.yaml as `POST /auth/session`, without the servers' `/api` and `/api/v1`. */
export const OPERATIONS: readonly string[] = Object.entries(DOCUMENT.paths).flatMap(
  ([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${path}`),
);

/** The operation of each route key: `POST /api/v1/auth/session` is a route of `POST /auth/session`. */
export const ROUTES: ReadonlyMap<string, string> = new Map(
  OPERATIONS.flatMap((operation) => {
    const [method, path = ""] = operation.split(" ");
    return basesOf(path).map((base) => [`${method} ${base}${path}`, operation] as const);
  }),
);

/** The paths of the servers at which a path of the document is available, without a slash at the end. */
function basesOf(path: string): string[] {
  const servers = DOCUMENT.paths[path]?.servers ?? DOCUMENT.servers;
  return servers.map(({ url }) =>
    new URL(url.replace("{host}", "host")).pathname.replace(/\/$/, ""),
  );
}

/** The statuses that docs/openapi.yaml has for an operation. */
export function documentedStatuses(operation: string): number[] {
  return Object.keys(operationOf(operation).responses).map(Number);
}

/** The examples of an operation's response bodies. */
export function documentedExamples(operation: string): { status: number; value: object }[] {
  return Object.entries(operationOf(operation).responses).flatMap(([status, response]) =>
    Object.values(resolve(response).content ?? {})
      .flatMap(({ example, examples = {} }) => [
        ...(example === undefined ? [] : [example]),
        ...Object.values(examples).map(({ value }) => value),
      ])
      .map((value) => ({ status: Number(status), value })),
  );
}

/** @throws for an operation that the document does not have */
export function operationOf(operation: string): Operation {
  const [method = "", path = ""] = operation.split(" ");
  const found = DOCUMENT.paths[path]?.[method.toLowerCase() as (typeof METHODS)[number]];
  if (found === undefined) throw new Error(`docs/openapi.yaml has no ${operation}`);
  return found;
}

/** Follows a `$ref` within the document. */
export function resolve<T extends object>(part: T): T {
  if (!("$ref" in part) || typeof part.$ref !== "string") return part;
  const found = part.$ref
    .slice(2)
    .split("/")
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], DOCUMENT);
  return found as T;
}
