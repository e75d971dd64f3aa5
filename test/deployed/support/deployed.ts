import { inject } from "vitest";
import type { Target } from "../../support/http.ts";

/** What the global set-up has deployed, for the tests. */
export interface Deployed {
  /** The emulator. */
  readonly url: string;
  /** The gateway's checkout, from which it was deployed. */
  readonly directory: string;
  readonly stage: string;
  /** The parameters that it was deployed with. */
  readonly parameters: Readonly<Record<string, string | number>>;
  /** The gateway's outputs, and its API. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly api: Target;
  readonly pocketPaw: { readonly port: number; readonly logFile: string };
  readonly masterToken: string;
}

declare module "vitest" {
  interface ProvidedContext {
    deployed: Deployed;
  }
}

export const deployed = inject("deployed");
