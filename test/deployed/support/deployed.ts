import { inject } from "vitest";
import type { Api } from "./http.ts";

/** What the global set-up has deployed, for the tests. */
export interface Deployed {
  /** The emulator. */
  readonly url: string;
  /** The gateway's checkout, from which it was deployed. */
  readonly directory: string;
  readonly stage: string;
  /** The parameters that it was deployed with. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** The gateway's outputs. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly pocketPaw: { readonly url: string; readonly logFile: string };
  readonly masterToken: string;
  readonly hmacKey: string;
  /** The folder of MiniStack's, PocketPaw's and cfn-lint's programs. */
  readonly python: string;
}

declare module "vitest" {
  interface ProvidedContext {
    deployed: Deployed;
  }
}

export const deployed = inject("deployed");

/** The gateway. */
export const gateway: Api = { url: deployed.url, id: deployed.outputs.HttpApiId ?? "" };

/** The full name of one of the gateway's functions. */
export function functionName(key: string, stage = deployed.stage): string {
  return `pocketpaw-session-gateway-${stage}-${key}`;
}
