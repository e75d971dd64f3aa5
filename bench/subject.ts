import { type Bundle, packageProduct } from "./bundles.ts";
import type { SecretsManager } from "./secrets-manager.ts";

/** What is measured. */
export interface Subject {
  /** The packaged functions by their names. */
  readonly product: Readonly<Record<string, Bundle>>;
  readonly secretsManager: SecretsManager;
}

/** The product is packaged when a measure first asks for it. */
export function createSubject(secretsManager: SecretsManager): Subject {
  let packaged: Record<string, Bundle> | undefined;
  return {
    get product() {
      packaged ??= packageProduct();
      return packaged;
    },
    secretsManager,
  };
}
