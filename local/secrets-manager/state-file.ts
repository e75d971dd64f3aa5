import type { Secret, SecretVersion, State } from "./state.ts";

/** Increases when the shape of the file changes, so that an older program refuses a newer file. */
const FORMAT = 1;

/** The text of the state's file. */
export function serializeState(state: State): string {
  return `${JSON.stringify({ format: FORMAT, ...state }, null, 2)}\n`;
}

/**
 * The state in a file's text.
 *
 * @throws Error when `serializeState` cannot have written it; the message does not quote the text, which
 *   contains secrets
 */
export function parseState(text: string): State {
  const { format, secrets } = object(parseJson(text), "the file");
  if (format !== FORMAT) throw new Error(`its "format" is not ${FORMAT}`);
  const state = { secrets: list(secrets, '"secrets"').map(parseSecret) };
  const names = state.secrets.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw new Error("two secrets have the same name");
  return state;
}

function parseSecret(value: unknown): Secret {
  const fields = object(value, "a secret");
  const name = string(fields.name, "a secret's name");
  const of = (field: string) => `the ${field} of ${name}`;
  const versions = list(fields.versions, of("versions")).map((one) => parseVersion(one, name));
  const stages = versions.flatMap((version) => version.stages);
  if (new Set(stages).size !== stages.length) {
    throw new Error(`a staging label of ${name} is on two versions`);
  }
  return {
    arn: string(fields.arn, of("arn")),
    name,
    createdAt: number(fields.createdAt, of("createdAt")),
    changedAt: number(fields.changedAt, of("changedAt")),
    ...optional("rotatedAt", fields, (time) => number(time, of("rotatedAt"))),
    ...optional("rotationLambdaArn", fields, (arn) => string(arn, of("rotationLambdaArn"))),
    versions,
  };
}

function parseVersion(value: unknown, secretName: string): SecretVersion {
  const what = `a version of ${secretName}`;
  const fields = object(value, what);
  return {
    versionId: string(fields.versionId, `${what}: versionId`),
    createdAt: number(fields.createdAt, `${what}: createdAt`),
    ...optional("secretString", fields, (text) => string(text, `${what}: secretString`)),
    ...optional("secretBinary", fields, (text) => string(text, `${what}: secretBinary`)),
    stages: list(fields.stages, `${what}: stages`).map((one) => string(one, `${what}: a stage`)),
  };
}

/** `{ [field]: parsed }`, or `{}` when the field is not there. */
function optional<F extends string, T>(
  field: F,
  fields: Record<string, unknown>,
  parse: (value: unknown) => T,
): { [K in F]?: T } {
  const value = fields[field];
  return value === undefined ? {} : ({ [field]: parse(value) } as { [K in F]: T });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("it is not JSON, or not all of it is there");
  }
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${what} is not an object`);
  }
  return value as Record<string, unknown>;
}

function list(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new Error(`${what} is not a list`);
  return value;
}

function string(value: unknown, what: string): string {
  if (typeof value !== "string") throw new Error(`${what} is not a string`);
  return value;
}

function number(value: unknown, what: string): number {
  if (typeof value !== "number") throw new Error(`${what} is not a number`);
  return value;
}
