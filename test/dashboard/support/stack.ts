import { join } from "node:path";
import { startPocketPaw } from "../../deployed/support/pocketpaw.ts";
import { makeFolder } from "../../support/checkout.ts";
import { startGateway } from "../../support/offline.ts";

/** What a test needs to know of a gateway with a PocketPaw behind it. */
export interface StackInfo {
  /** `http://localhost:<port>` */
  readonly url: string;
  /** The master token that both were started with. */
  readonly masterToken: string;
  /** PocketPaw's home folder, which its file viewer shows. */
  readonly home: string;
}

/** A gateway with a PocketPaw behind it, both running. */
export interface Stack extends StackInfo {
  /** The master token that the gateway has written last. */
  readonly currentMasterToken: () => string;
  readonly stop: () => Promise<void>;
}

/** Starts a new PocketPaw, and the gateway in front of it, on free ports. */
export async function startStack(): Promise<Stack> {
  const { directory, remove } = makeFolder();
  const pocketPaw = await startPocketPaw(directory);
  const home = join(directory, "home");
  const environment = { HOME: home };
  const gateway = await startGateway({ originUrl: pocketPaw.url }, { environment });
  return {
    url: gateway.url.replace("127.0.0.1", "localhost"),
    masterToken: gateway.masterToken,
    currentMasterToken: gateway.currentMasterToken,
    home,
    stop: async () => {
      await gateway.stop();
      await pocketPaw.stop();
      remove();
    },
  };
}
