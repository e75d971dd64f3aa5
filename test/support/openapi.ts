import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { ROOT } from "./checkout.ts";

interface MediaType {
  readonly schema?: object;
}
interface Header {
  readonly required?: boolean;
  readonly schema: object;
}
interface ResponseObject {
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}
interface Operation {
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
  readonly paths: Readonly<Record<string, PathItem>>;
}

/** A response as a client sees it. */
export interface SeenResponse {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `Set-Cookie` headers. */
  readonly cookies: readonly string[];
  readonly body: string;
}

const METHODS = ["get", "head", "post", "put", "patch", "delete"] as const;
/** Headers that mean something for security: a response has them only where the document says so. */
const WATCHED = ["www-authenticate", "retry-after", "set-cookie", "cross-origin-resource-policy"];

const DOCUMENT: OpenApi = parse(readFileSync(join(ROOT, "docs", "openapi.yaml"), "utf8"));
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema({ $id: "openapi", ...DOCUMENT });
const validators = new Map<object, ValidateFunction>();

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

/**
 * Whether a response is one that docs/openapi.yaml has for this operation.
 *
 * @param operation as in OPERATIONS
 * @returns what is wrong, one sentence each; none when the response is documented
 */
export function undocumented(operation: string, seen: SeenResponse): string[] {
  const response = operationOf(operation).responses[seen.status];
  if (response === undefined) return [`status ${seen.status} is not documented`];
  const { headers = {}, content } = resolve(response);
  return [...headerProblems(headers, seen), ...bodyProblems(content, seen)];
}

function operationOf(operation: string): Operation {
  const [method = "", path = ""] = operation.split(" ");
  const found = DOCUMENT.paths[path]?.[method.toLowerCase() as (typeof METHODS)[number]];
  if (found === undefined) throw new Error(`docs/openapi.yaml has no ${operation}`);
  return found;
}

function headerProblems(headers: Readonly<Record<string, Header>>, seen: SeenResponse): string[] {
  const documented = new Map(
    Object.entries(headers).map(([name, header]) => [name.toLowerCase(), resolve(header)]),
  );
  const valuesOf = (name: string) => {
    if (name === "set-cookie") return seen.cookies;
    const value = seen.headers[name];
    return value === undefined ? [] : [value];
  };
  const missing = [...documented]
    .filter(([name, { required = false }]) => required && valuesOf(name).length === 0)
    .map(([name]) => `the header ${name} is missing`);
  const extra = WATCHED.filter((name) => valuesOf(name).length > 0 && !documented.has(name)).map(
    (name) => `the header ${name} is not documented`,
  );
  const wrong = [...documented].flatMap(([name, { schema }]) =>
    valuesOf(name).flatMap((value) => schemaProblems(schema, value, `the header ${name}`)),
  );
  return [...missing, ...extra, ...wrong];
}

function bodyProblems(content: ResponseObject["content"], seen: SeenResponse): string[] {
  if (content === undefined) return seen.body === "" ? [] : ["a body is not documented"];
  const type = seen.headers["content-type"]?.split(";")[0] ?? "none";
  const media = content[type];
  if (media === undefined) return [`the content type ${type} is not documented`];
  return media.schema === undefined
    ? []
    : schemaProblems(media.schema, JSON.parse(seen.body), "the body");
}

function schemaProblems(schema: object, value: unknown, what: string): string[] {
  const validate = validators.get(schema) ?? ajv.compile(inDocument(schema));
  validators.set(schema, validate);
  return validate(value) ? [] : [`${what}: ${ajv.errorsText(validate.errors)}`];
}

/** A schema whose references are to the document. */
function inDocument(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/'));
}

/** Follows a `$ref` within the document. */
function resolve<T extends object>(part: T): T {
  if (!("$ref" in part) || typeof part.$ref !== "string") return part;
  const found = part.$ref
    .slice(2)
    .split("/")
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], DOCUMENT);
  return found as T;
}
