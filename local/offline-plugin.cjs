"use strict";

const { randomUUID } = require("node:crypto");
const { rmSync } = require("node:fs");
const { homedir } = require("node:os");
const { join, relative } = require("node:path");
const { setImmediate } = require("node:timers/promises");
const esbuild = require("esbuild");
const tsx = require("tsx/cjs/api");

/**
 * A Serverless plugin: runs the gateway in place of serverless-offline's own HTTP server. serverless-offline's workers
 * run the functions. In any other command than `serverless offline start` it does nothing. Everything that can be
 * tested without Serverless is in start.ts.
 */
module.exports = class OfflinePlugin {
  constructor(serverless, cliOptions, { writeText }) {
    if (serverless.processedInput.commands[0] !== "offline") return;
    const { service } = serverless;
    const { adaptService, createInvoke, localDirectory, startGateway } = tsx.require(
      "./start.ts",
      __filename,
    );
    let directory;
    let functions;
    let invoke;

    // What has been written goes at any end (the listeners of "exit"), also when the terminal is closed.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.prependListener(signal, () => process.exit());
    }

    function port() {
      return Number(cliOptions.httpPort ?? service.custom["serverless-offline"].httpPort);
    }

    /** A build folder of this run's own, which serverless-esbuild reads in its own hook `initialize`, the next one. */
    function initialize() {
      // Instead of an empty line.
      cliOptions.noSponsor = true;
      directory = localDirectory(process.env, serverless.serviceDir);
      const folder = join(directory, "build", randomUUID());
      // A change takes effect at the next start.
      Object.assign(service.custom.esbuild, {
        outputWorkFolder: relative(serverless.serviceDir, folder),
        watch: { pattern: [] },
      });
      process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    }

    /** serverless-offline would listen itself for functions and routes that it finds. */
    async function takeFunctions() {
      // When our process ends, esbuild's complains if it waits for an answer to its ping, which is given here.
      await setImmediate();
      esbuild.stop();
      const { default: Lambda } = await import("serverless-offline/lambda");
      const { location } = service.custom["serverless-offline"];
      const lambda = new Lambda(serverless, { location, host: "127.0.0.1", lambdaPort: 0 });
      ({ functions } = service);
      service.functions = {};
      invoke = createInvoke(lambda, functions);
    }

    async function start() {
      service.functions = functions;
      await startGateway({
        service,
        port: port(),
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
      "before:offline:start:init": explained(() => adaptService(service, port())),
      "offline:start:init": takeFunctions,
      "after:offline:start:init": explained(start),
    };
  }
};
