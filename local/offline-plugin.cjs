"use strict";

const { randomUUID } = require("node:crypto");
const { homedir } = require("node:os");
const tsx = require("tsx/cjs/api");

/**
 * A Serverless plugin: gives `serverless offline` the embedded Secrets Manager. In any other command
 * it does nothing. All that can be tested without Serverless is in start.ts.
 */
module.exports = class OfflinePlugin {
  constructor(serverless, cliOptions, { writeText }) {
    let isOffline = false;
    let local;

    async function start() {
      isOffline = true;
      settleEnvironment();
      hideFunctions();
      const endpoint = process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER;
      if (endpoint) {
        writeText(
          `AWS_ENDPOINT_URL_SECRETS_MANAGER is set: the secrets are those of ${endpoint}, and the embedded Secrets Manager is not started.`,
        );
        return;
      }
      try {
        local = await startEmbedded();
      } catch (error) {
        // Without a stack: what goes wrong here is for the operator to put right.
        throw new serverless.classes.Error(error.message, "LOCAL_START_FAILED", { cause: error });
      }
      Object.assign(process.env, local.functionEnvironment);
      for (const name of local.withheld) delete process.env[name];
    }

    /**
     * What a deployment does to the functions' variables and serverless-offline does not: on AWS the
     * secrets are references to the stack's own, here they have names; null is no variable, and no other
     * reference has a value here.
     */
    function settleEnvironment() {
      const { SECRET_IDS } = loadStart();
      for (const { environment = {} } of Object.values(serverless.service.functions)) {
        for (const [variable, value] of Object.entries(environment)) {
          if (variable in SECRET_IDS) environment[variable] = SECRET_IDS[variable];
          else if (typeof value === "object") delete environment[variable];
        }
      }
    }

    /**
     * serverless-offline's Lambda port runs a function for whoever knows its name, a web page too, and
     * lets it read the answer: so the names are secrets.
     */
    function hideFunctions() {
      for (const each of Object.values(serverless.service.functions)) {
        each.name += `-${randomUUID()}`;
      }
    }

    /** serverless-offline's options, put together as it does (ServerlessOffline.js, mergeOptions). */
    function options() {
      return {
        host: "localhost",
        httpPort: 3000,
        lambdaPort: 3002,
        ...serverless.service.custom?.["serverless-offline"],
        ...cliOptions,
      };
    }

    function startEmbedded() {
      const { startLocal, localDirectory } = loadStart();
      const { host, httpPort, lambdaPort } = options();
      return startLocal({
        host,
        httpPort: Number(httpPort),
        lambdaPort: Number(lambdaPort),
        directory: localDirectory(process.env, serverless.serviceDir),
        environment: process.env,
        home: homedir(),
        functionName: (key) => serverless.service.getFunction(key).name,
      });
    }

    function welcome() {
      if (!local) return;
      const { host, httpPort } = options();
      writeText(loadStart().welcome(host, httpPort, local.masterToken));
    }

    async function afterError() {
      if (!isOffline) return;
      await local?.close();
      // serverless-esbuild's watcher would keep the process alive, and the operator waiting.
      setTimeout(() => process.exit(), 1000).unref();
    }

    this.hooks = {
      // `serverless offline` offers no later moment; `serverless offline start` does.
      "before:offline:start": () => start().then(welcome),
      "before:offline:start:init": start,
      "after:offline:start:init": welcome,
      "before:offline:start:end": () => local?.close(),
      error: afterError,
    };
  }
};

function loadStart() {
  return tsx.require("./start.ts", __filename);
}
