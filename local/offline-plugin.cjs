"use strict";

const { randomBytes, randomUUID } = require("node:crypto");
const { rmSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");
const tsx = require("tsx/cjs/api");

/**
 * A Serverless plugin: gives `serverless offline` the embedded Secrets Manager. In any other command
 * it does nothing. All that can be tested without Serverless is in start.ts.
 */
module.exports = class OfflinePlugin {
  constructor(serverless, cliOptions, { writeText }) {
    let isOffline = false;
    let local;
    let front;
    const secret = randomBytes(16).toString("hex");

    async function start() {
      isOffline = true;
      publicOptions = options();
      addPocketPaw();
      settleEnvironment();
      hideFunctions();
      await startSecrets();
      try {
        front = await loadStart().startFrontServer({
          port: Number(publicOptions.httpPort),
          secret,
          settings: serverless.service.custom?.settings,
        });
      } catch (error) {
        throw operatorError(error);
      }
      // serverless-offline listens behind the front server, on a port of its own.
      cliOptions.httpPort = front.innerPort;
      cliOptions.host = "127.0.0.1";
    }

    async function startSecrets() {
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
        throw operatorError(error);
      }
      Object.assign(process.env, local.functionEnvironment);
      for (const name of local.withheld) delete process.env[name];
    }

    /** Without a stack: what goes wrong here is for the operator to put right. */
    function operatorError(error) {
      return new serverless.classes.Error(error.message, "LOCAL_START_FAILED", { cause: error });
    }

    /**
     * A build folder of this run's own: `serverless package` and `serverless deploy` in the same checkout
     * delete the usual one. serverless-esbuild reads its name in its own hook `initialize`, which runs next.
     */
    function separateBuild() {
      const { esbuild } = serverless.service.custom ?? {};
      if (!esbuild || serverless.processedInput.commands[0] !== "offline") return;
      esbuild.outputWorkFolder = join(".local", "build", randomUUID());
      const folder = join(serverless.serviceDir, esbuild.outputWorkFolder);
      process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    }

    /** PocketPaw's routes, as a function with the stack's own authorizer (deploy/origin.js). */
    function addPocketPaw() {
      const { service } = serverless;
      const events = loadStart().pocketPawEvents(service.custom?.settings);
      if (events.length === 0) return;
      service.functions.pocketpaw = {
        handler: "local/front/pocketpaw-route.handler",
        name: `${service.service}-pocketpaw`,
        events,
      };
    }

    /** serverless-offline's own port responds to nobody but the front server. */
    function closeInner() {
      const offline = serverless.pluginManager.plugins.find(
        (plugin) => plugin.constructor.name === "ServerlessOffline",
      );
      const server = offline.internals().getApiGatewayServer();
      server.ext("onRequest", (request, h) =>
        loadStart().isFront(request.headers, secret)
          ? h.continue
          : h.response({ message: "Forbidden" }).code(403).takeover(),
      );
    }

    /**
     * What a deployment does to the functions' variables and serverless-offline does not: on AWS the
     * secrets are references to the stack's own, here they have names; null is no variable, and no other
     * reference has a value here.
     */
    function settleEnvironment() {
      const { SECRET_IDS, gatewayUrl } = loadStart();
      for (const { environment = {} } of Object.values(serverless.service.functions)) {
        for (const [variable, value] of Object.entries(environment)) {
          if (variable in SECRET_IDS) environment[variable] = SECRET_IDS[variable];
          else if (variable === "PUBLIC_URL") {
            environment[variable] = gatewayUrl(publicOptions.httpPort);
          } else if (typeof value === "object") delete environment[variable];
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

    // Before `start` puts serverless-offline behind the front server.
    let publicOptions;

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
      const { httpPort, lambdaPort } = publicOptions;
      return startLocal({
        host: "127.0.0.1",
        httpPort: Number(httpPort),
        lambdaPort: Number(lambdaPort),
        directory: localDirectory(process.env, serverless.serviceDir),
        environment: process.env,
        home: homedir(),
        functionName: (key) => serverless.service.getFunction(key).name,
      });
    }

    async function welcome() {
      const { settings } = serverless.service.custom ?? {};
      const warning = await loadStart().pocketPawWarning(settings, local?.masterToken);
      if (warning) writeText(warning);
      if (local) writeText(loadStart().welcome(front.port, local.masterToken, settings));
    }

    async function close() {
      await Promise.all([front?.close(), local?.close()]);
    }

    async function afterError() {
      if (!isOffline) return;
      await close();
      // serverless-esbuild's watcher would keep the process alive, and the operator waiting.
      setTimeout(() => process.exit(), 1000).unref();
    }

    this.hooks = {
      initialize: separateBuild,
      // `serverless offline` offers no later moment; `serverless offline start` does.
      "before:offline:start": () => start().then(welcome),
      "before:offline:start:init": start,
      "after:offline:start:init": () => {
        closeInner();
        return welcome();
      },
      "before:offline:start:end": close,
      error: afterError,
    };
  }
};

function loadStart() {
  return tsx.require("./start.ts", __filename);
}
