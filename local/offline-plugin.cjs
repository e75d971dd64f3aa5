"use strict";

const { randomUUID } = require("node:crypto");
const { rmSync } = require("node:fs");
const { homedir } = require("node:os");
const { join, relative } = require("node:path");
const { setImmediate } = require("node:timers/promises");
const esbuild = require("esbuild");
const tsx = require("tsx/cjs/api");

/**
 * A Serverless plugin: runs the gateway, in serverless-offline's workers, in place of its HTTP server. In any other
 * command than `serverless offline start` it does nothing. What can be tested without Serverless is in start.ts.
 */
module.exports = class OfflinePlugin {
  constructor(serverless, cliOptions, { writeText }) {
    if (serverless.processedInput.commands[0] !== "offline") return;
    const { service, serviceDir } = serverless;
    const local = tsx.require("./start.ts", __filename);
    let directory;
    let port;
    let functions;
    let invoke;

    // What has been written goes at any end (the listeners of "exit"), also when the terminal is closed.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.prependListener(signal, () => process.exit());
    }

    /** A build folder of this run's own, which serverless-esbuild reads in its own hook `initialize`, the next one. */
    function initialize() {
      // Instead of an empty line.
      cliOptions.noSponsor = true;
      port = Number(cliOptions.httpPort ?? service.custom["serverless-offline"].httpPort);
      directory = local.localDirectory(process.env, serviceDir);
      const folder = join(directory, "build", randomUUID());
      service.custom.esbuild.outputWorkFolder = relative(serviceDir, folder);
      // A change takes effect at the next start.
      service.custom.esbuild.watch = { pattern: [] };
      process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    }

    /** serverless-offline would listen itself for functions and routes that it finds. */
    async function takeFunctions() {
      // When our process ends, esbuild's complains if it waits for an answer to its ping, which is given here.
      await setImmediate();
      esbuild.stop();
      const { default: Lambda } = await import("serverless-offline/lambda");
      const { location } = service.custom["serverless-offline"];
      const pool = new Lambda(serverless, { location, host: "127.0.0.1", lambdaPort: 0 });
      ({ functions } = service);
      service.functions = {};
      for (const [functionKey, functionDefinition] of Object.entries(functions)) {
        pool.create([{ functionKey, functionDefinition }]);
      }
      invoke = (functionKey, event) => {
        const worker = pool.get(functionKey);
        worker.setEvent(event);
        return worker.runHandler();
      };
    }

    function start() {
      return local.startGateway({
        service: { functions, custom: service.custom },
        port,
        directory,
        environment: process.env,
        home: homedir(),
        invoke,
        print: writeText,
      });
    }

    /** Without a stack: the operator can correct what goes wrong here. */
    function explained(step) {
      return async () => {
        try {
          await step();
        } catch (error) {
          console.error(error.message);
          process.exit(1);
        }
      };
    }

    this.hooks = {
      initialize: explained(initialize),
      "before:offline:start": explained(() => {
        throw new Error("The gateway starts by npm start.");
      }),
      "before:offline:start:init": explained(() => local.adaptService(service, port)),
      "offline:start:init": takeFunctions,
      "after:offline:start:init": explained(start),
    };
  }
};
