"use strict";

const { randomUUID } = require("node:crypto");
const { mkdtempSync, rmSync } = require("node:fs");
const { homedir, tmpdir } = require("node:os");
const { join } = require("node:path");
const tsx = require("tsx/cjs/api");

/**
 * A Serverless plugin: gives `serverless offline` the embedded Secrets Manager and the front server. In any
 * other command it does nothing. Everything that can be tested without Serverless is in start.ts.
 */
module.exports = class OfflinePlugin {
  constructor(serverless, cliOptions, { writeText }) {
    let isOffline = false;
    let local;
    let front;

    async function start() {
      isOffline = true;
      const { settings } = custom();
      const { httpPort } = options();
      const sockets = hideServerlessOffline();
      loadStart().adaptService(serverless.service, Number(httpPort));
      // It would replace the authorizer's context, as the header sls-offline-authorizer-override would.
      delete process.env.AUTHORIZER;
      try {
        front = await loadStart().startFront({
          port: Number(httpPort),
          inner: sockets.http,
          pocketPaw: settings?.originUrl ? new URL(settings.originUrl) : undefined,
          cors: settings?.cors ?? false,
        });
        await startSecrets(sockets.lambda);
      } catch (error) {
        // Without a stack: the operator can correct what goes wrong here.
        throw new serverless.classes.Error(error.message, "LOCAL_START_FAILED", { cause: error });
      }
    }

    function custom() {
      return serverless.service.custom ?? {};
    }

    /** serverless-offline's options, put together as it does (ServerlessOffline.js, mergeOptions). */
    function options() {
      return { httpPort: 3000, ...custom()["serverless-offline"], ...cliOptions };
    }

    /**
     * serverless-offline listens on sockets that only this user can open, not on ports: whoever reached it
     * past the front server could present any authorizer result, and could run any function.
     *
     * @returns the sockets' paths
     */
    function hideServerlessOffline() {
      // With mode 0700.
      const folder = mkdtempSync(join(tmpdir(), "pocketpaw-"));
      removeAtExit(folder);
      const sockets = { http: socketIn(folder, "http"), lambda: socketIn(folder, "lambda") };
      cliOptions.httpPort = sockets.http;
      cliOptions.lambdaPort = sockets.lambda;
      return sockets;
    }

    /**
     * A build folder of this run's own: `serverless package` and `serverless deploy` in the same checkout
     * delete the usual one. serverless-esbuild reads its name in its own hook `initialize`, which runs next.
     */
    function separateBuild() {
      const { esbuild } = custom();
      if (!esbuild || serverless.processedInput.commands[0] !== "offline") return;
      esbuild.outputWorkFolder = join(".local", "build", randomUUID());
      removeAtExit(join(serverless.serviceDir, esbuild.outputWorkFolder));
    }

    async function startSecrets(lambdaSocket) {
      const endpoint = process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER;
      if (endpoint) {
        writeText(
          `AWS_ENDPOINT_URL_SECRETS_MANAGER is set: the secrets are those of ${endpoint}, and the embedded Secrets Manager is not started.`,
        );
        return;
      }
      const { startLocal, localDirectory } = loadStart();
      local = await startLocal({
        lambdaSocket,
        directory: localDirectory(process.env, serverless.serviceDir),
        environment: process.env,
        home: homedir(),
        functionName: (key) => serverless.service.getFunction(key).name,
      });
      Object.assign(process.env, local.functionEnvironment);
      for (const name of local.withheld) delete process.env[name];
    }

    async function welcome() {
      const { settings } = custom();
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
      // serverless-esbuild's watcher would keep the process alive.
      setTimeout(() => process.exit(), 1000).unref();
    }

    this.hooks = {
      initialize: separateBuild,
      // `serverless offline` offers no later moment; `serverless offline start` does.
      "before:offline:start": () => start().then(welcome),
      "before:offline:start:init": start,
      "after:offline:start:init": welcome,
      "before:offline:start:end": close,
      error: afterError,
    };
  }
};

function loadStart() {
  return tsx.require("./start.ts", __filename);
}

/** Windows has named pipes instead, which only their owner can write to. */
function socketIn(folder, name) {
  const isWindows = process.platform === "win32";
  return isWindows ? `\\\\.\\pipe\\${randomUUID()}` : join(folder, `${name}.sock`);
}

function removeAtExit(folder) {
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}
