import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import {
  DOCUMENT,
  type Header,
  operationOf,
  type ResponseObject,
  resolve,
} from "./openapi-document.ts";

/** A response as a client sees it. */
export interface SeenResponse {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `Set-Cookie` headers. */
  readonly cookies: readonly string[];
  readonly body: string;
}

/** Headers that mean something for security: a response has them only where the document says so. */
const WATCHED = [
  ...["www-authenticate", "retry-after", "set-cookie", "cross-origin-resource-policy"],
  ...["clear-site-data", "x-pocketpaw-cookie"],
];

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema({ $id: "openapi", ...DOCUMENT });
const validators = new Map<object, ValidateFunction>();

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
