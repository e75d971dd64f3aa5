// @ts-check
// What serverless.yml takes from this folder. JavaScript with JSDoc types: the framework's `${file()}` reads no
// TypeScript.

import { existsSync } from "node:fs";
import { distribution } from "./distribution.js";
import { monitoring } from "./monitoring.js";
import { BAD_PARAMETERS, checkParameters, PARAMETERS } from "./parameters.js";
import { pocketPaw } from "./pocketpaw.js";
import { roles } from "./roles.js";
import { secrets } from "./secrets.js";
import { settingsFrom } from "./settings.js";

/**
 * What the framework hands to a function that `${file()}` names.
 * @typedef {object} Resolvers
 * @property {{ param?: string[] }} options the command's options
 * @property {(address: string) => Promise<unknown>} resolveVariable
 * @property {(path: string[]) => Promise<unknown>} resolveConfigurationProperty
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
    if (!(error instanceof Error) || error.name !== BAD_PARAMETERS) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
}

/**
 * The resources and outputs that are computed from the settings.
 *
 * @param {Resolvers} resolvers
 */
export async function template({ resolveConfigurationProperty }) {
  const found = await resolveConfigurationProperty(["custom", "settings"]);
  return templateFor(/** @type {import("./settings.js").Settings} */ (found));
}

/**
 * The same, for these settings. Each output is exported under the stack's name and its own.
 *
 * @param {import("./settings.js").Settings} found
 */
export function templateFor(found) {
  /** @type {Part[]} */
  const parts = [secrets, roles, monitoring, pocketPaw, distribution].map((part) => part(found));
  const outputs = parts.flatMap(({ Outputs = {} }) =>
    Object.entries(Outputs).map(([name, Value]) => {
      return [name, { Value, Export: { Name: `${found.stackName}-${name}` } }];
    }),
  );
  return {
    Resources: Object.assign({}, ...parts.map(({ Resources }) => Resources)),
    Outputs: Object.fromEntries(outputs),
  };
}
