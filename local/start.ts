import { randomUUID } from "node:crypto";
import { startFront } from "./front/front.ts";
import { functionRoutes, pocketPawRoutes } from "./front/routes.ts";
import { type Invoke, limitWorkers } from "./functions.ts";
import { givenToken, tokenFile, watchTokenFile } from "./master-token.ts";
import { pocketPawWarning, probePocketPaw } from "./pocketpaw.ts";
import { startSecrets } from "./secrets.ts";
import { gatewayUrl, pocketPawUrl, type Service } from "./service.ts";

export { adaptService } from "./service.ts";
export { localDirectory } from "./state.ts";

export interface StartOptions {
  readonly service: Service;
  readonly port: number;
  /** POCKETPAW_LOCAL_DIR, as an absolute path. */
  readonly directory: string;
  /** The operator's; the functions' part of it is replaced (`AWS_…`). */
  readonly environment: Record<string, string | undefined>;
  readonly home: string;
  readonly invoke: Invoke;
  readonly print: (text: string) => void;
}

/**
 * Starts what replaces AWS on a laptop: the embedded Secrets Manager, then the gateway. Nothing listens on the
 * gateway's port before everything is ready.
 *
 * @throws Error for the operator to read; then nothing is left running
 */
export async function startGateway(options: StartOptions) {
  const { service, port, directory, environment, home, print } = options;
  const invoke = limitWorkers(options.invoke);
  const { originUrl, inboundWebhooks, cors } = service.custom.settings;
  const pocketPaw = pocketPawUrl(service, port);
  const given = givenToken(environment, home);
  let masterToken = given ?? randomUUID();
  let isReady = false;
  const secrets = await startSecrets({
    directory,
    masterToken,
    invoke,
    onMasterToken: (token) => {
      masterToken = token;
      if (isReady) print(`Master token: ${token}`);
    },
  });
  // serverless-offline hands every variable of AWS to the functions: the operator's own must not be among them.
  for (const name in environment) if (name.startsWith("AWS_")) delete environment[name];
  Object.assign(environment, secrets.functionEnvironment);
  const watch =
    given === undefined ? watchTokenFile(tokenFile(home), secrets.putMasterToken) : undefined;
  try {
    if (pocketPaw !== undefined) {
      let status = await probePocketPaw(pocketPaw, masterToken);
      if (status === 401 && watch !== undefined) {
        // PocketPaw may have made its token only now, because it was asked.
        watch.look();
        status = await probePocketPaw(pocketPaw, masterToken);
      }
      const warning = pocketPawWarning(String(originUrl), status);
      if (warning !== undefined) print(warning);
    }
    const routes = functionRoutes(service.functions);
    if (pocketPaw !== undefined) routes.push(...pocketPawRoutes(inboundWebhooks));
    const front = await startFront({ port, routes, invoke, pocketPaw, cors, log: print });
    print(welcome(gatewayUrl(front.port), masterToken, pocketPaw !== undefined));
    isReady = true;
    return {
      close: async () => {
        watch?.stop();
        await Promise.all([front.close(), secrets.close()]);
      },
    };
  } catch (error) {
    watch?.stop();
    await secrets.close();
    throw error;
  }
}

function welcome(url: string, masterToken: string, hasPocketPaw: boolean): string {
  return [
    `The gateway listens on ${url}`,
    `Its page, to log in and to pair a phone: ${url}/gateway`,
    ...(hasPocketPaw ? [`PocketPaw's dashboard: ${url}/`] : []),
    `Master token: ${masterToken}`,
    `curl -X POST "${url}/api/auth/session" -H "Authorization: Bearer ${masterToken}"`,
  ].join("\n");
}
