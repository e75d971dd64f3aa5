// @ts-check
// What serverless.yml takes from this folder. JavaScript with JSDoc types: `${file()}` reads no TypeScript.
import { existsSync } from "node:fs";
import { BadParameters, checkParameters } from "./check.js";
import { distribution } from "./distribution.js";
import { monitoring } from "./monitoring.js";
import { PARAMETERS } from "./parameters.js";
import { pocketPaw } from "./pocketpaw.js";
import { roles } from "./roles.js";
import { secrets } from "./secrets.js";
import { settingsFrom } from "./settings.js";

/**
 * What the framework hands to a function that `${file()}` names. Of the options, `--param`.
 * @typedef {{ options: { param?: string[] }, resolveVariable: (address: string) => Promise<unknown>,
 *   resolveConfigurationProperty: (path: string[]) => Promise<unknown> }} Resolvers
 */
/** @typedef {{ Resources: Record<string, object>, Outputs?: Record<string, unknown> }} Part of the template */

/**
 * The parameters where the command line and the stage's own block name none: the operator's `params.<stage>.yml`,
 * else the defaults. On a laptop only the defaults: `npm start` is not that deployment.
 *
 * @param {Resolvers} resolvers
 */
export async function parameters({ resolveVariable }) {
  const file = `params.${await resolveVariable("sls:stage")}.yml`;
  const isRead = process.argv[2] !== "offline" && existsSync(file);
  const own = isRead ? await resolveVariable(`file(./${file})`) : {};
  const defaults = Object.entries(PARAMETERS).map(([name, { byDefault }]) => [name, byDefault]);
  return { ...Object.fromEntries(defaults), ...Object(own) };
}

/**
 * The settings of the stack. A bad parameter ends the command: the framework would print three lines of its own
 * before the message.
 *
 * @param {Resolvers} resolvers
 */
export async function settings({ options, resolveVariable, resolveConfigurationProperty }) {
  const deployment = {
    service: String(await resolveConfigurationProperty(["service"])),
    stage: String(await resolveVariable("sls:stage")),
    region: String(await resolveVariable("aws:region")),
  };
  const blocks = Object(await resolveConfigurationProperty(["params"]));
  /** @type {Record<string, unknown>} */
  const given = { ...blocks.default, ...blocks[deployment.stage] };
  for (const option of options.param ?? []) given[option.split("=")[0] ?? ""] = "";
  for (const name of Object.keys(PARAMETERS)) {
    given[name] = await resolveVariable(`param:${name}, ''`);
  }
  try {
    return settingsFrom(checkParameters(given, deployment), deployment);
  } catch (error) {
    if (!(error instanceof BadParameters)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
}

/**
 * The resources and outputs that are computed from the settings. Each output is exported under the stack's name and
 * its own.
 *
 * @param {Resolvers} resolvers
 */
export async function template({ resolveConfigurationProperty }) {
  const found = await resolveConfigurationProperty(["custom", "settings"]);
  const own = /** @type {import("./settings.js").Settings} */ (found);
  /** @type {Part[]} */
  const parts = [secrets, roles, monitoring, pocketPaw, distribution].map((part) => part(own));
  const outputs = parts.flatMap(({ Outputs = {} }) =>
    Object.entries(Outputs).map(([name, Value]) => {
      return [name, { Value, Export: { Name: `${own.stackName}-${name}` } }];
    }),
  );
  return {
    Resources: Object.assign({}, ...parts.map(({ Resources }) => Resources)),
    Outputs: Object.fromEntries(outputs),
  };
}
