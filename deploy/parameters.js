// @ts-check
// JavaScript with JSDoc types: the framework's `${file()}` reads no TypeScript.

import { ruleProblems } from "./parameter-rules.js";
import { PARAMETERS } from "./parameter-table.js";
import { show } from "./parse.js";

/**
 * What the framework hands to a function that `${file()}` names.
 * @typedef {object} Resolvers
 * @property {{ param?: string[] }} options the command's options
 * @property {(address: string) => Promise<unknown>} resolveVariable
 * @property {(path: string[]) => Promise<unknown>} resolveConfigurationProperty
 */

/** @typedef {keyof typeof PARAMETERS} Name */
/** @typedef {{ [K in Name]: Exclude<ReturnType<(typeof PARAMETERS)[K]["parse"]>, undefined> }} Values */
/** @typedef {Record<string, Record<string, unknown> | undefined>} Stages the key `params` of serverless.yml */

/**
 * The stack's parameters (`params` in serverless.yml, `--param='name=value'`), checked, and what follows
 * from them: `null` is a setting that is not set.
 *
 * @param {Resolvers} resolvers
 * @throws {Error} naming each bad parameter, what was found, and what is allowed
 */
export async function settings(resolvers) {
  const { resolveVariable } = resolvers;
  const problems = await unknownParameters(resolvers);
  const entries = Object.entries(PARAMETERS).map(async ([name, { allowed, parse }]) => {
    const text = String((await resolveVariable(`param:${name}, ''`)) ?? "").trim();
    const value = parse(text);
    if (value === undefined) problems.push(`${name} is ${show(text)}; it must be ${allowed}`);
    return [name, value];
  });
  /** @type {Values} */
  const values = Object.fromEntries(await Promise.all(entries));
  if (problems.length === 0) {
    problems.push(...ruleProblems(values, String(await resolveVariable("aws:region"))));
  }
  if (problems.length > 0) throw badParameters(problems);
  const { corsOrigins, ...others } = values;
  const hasOrigin = values.originUrl !== null;
  return {
    ...others,
    cors: cors(corsOrigins),
    allowedOrigins: corsOrigins.length === 0 ? null : corsOrigins.join(","),
    hasPocketPaw: hasOrigin,
    publicUrl: hasOrigin ? publicUrl(values.domainName) : null,
    upstreamSecretId: hasOrigin ? { "Fn::GetAtt": ["ApiUpstreamSecret", "Id"] } : null,
  };
}

/**
 * The same, out of serverless.yml, where `custom.settings` has been checked once for all resources.
 *
 * @param {Pick<Resolvers, "resolveConfigurationProperty">} resolvers
 */
export async function checkedSettings({ resolveConfigurationProperty }) {
  const found = await resolveConfigurationProperty(["custom", "settings"]);
  return /** @type {Awaited<ReturnType<typeof settings>>} */ (found);
}

/**
 * Parameters of the command line, the stage and `default` that do not exist: a misspelt one would
 * leave its default in place.
 *
 * @param {Resolvers} resolvers
 * @returns {Promise<string[]>} one sentence each
 */
async function unknownParameters({ options, resolveVariable, resolveConfigurationProperty }) {
  const stages = /** @type {Stages} */ ((await resolveConfigurationProperty(["params"])) ?? {});
  const stage = String(await resolveVariable("sls:stage"));
  const given = [
    ...(options.param ?? []).map((option) => option.split("=")[0] ?? ""),
    ...Object.keys(stages.default ?? {}),
    ...Object.keys(stages[stage] ?? {}),
  ];
  return [...new Set(given)]
    .filter((name) => !Object.hasOwn(PARAMETERS, name))
    .map(
      (name) =>
        `${JSON.stringify(name)} is not a parameter; allowed: ${Object.keys(PARAMETERS).join(", ")}`,
    );
}

/** @param {string[]} problems */
function badParameters(problems) {
  const error = new Error(`Bad parameters: ${problems.join(". ")}.`);
  // The framework prints a stack where there is one, and the message would be lost in it.
  error.stack = error.message;
  return error;
}

/**
 * Where browsers find the gateway.
 *
 * @param {string | null} domainName
 */
function publicUrl(domainName) {
  if (domainName !== null) return `https://${domainName}`;
  return { "Fn::Sub": `https://\${Distribution.DomainName}` };
}

/**
 * The CORS of the HTTP API; false: none.
 *
 * @param {string[]} allowedOrigins
 */
function cors(allowedOrigins) {
  if (allowedOrigins.length === 0) return false;
  return {
    allowedOrigins,
    // For the cookie. Therefore each origin is named, and `*` is not allowed.
    allowCredentials: true,
    allowedHeaders: [
      ...["accept", "authorization", "cache-control", "content-type", "idempotency-key"],
      ...["last-event-id", "x-requested-with"],
      // https://www.w3.org/TR/trace-context/, https://www.w3.org/TR/baggage/, and Sentry's own.
      ...["baggage", "sentry-trace", "traceparent", "tracestate"],
    ],
    allowedMethods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    // API Gateway may rename the challenge.
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    exposedResponseHeaders: ["retry-after", "www-authenticate", "x-amzn-remapped-www-authenticate"],
    maxAge: 600,
  };
}
