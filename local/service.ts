import { pocketPawEvents, type StackSettings } from "./pocketpaw.ts";
import { HMAC_KEY_SECRET, MASTER_TOKEN_SECRET } from "./secrets.ts";

/** A function of serverless.yml, as far as it differs on a laptop. */
export interface ServiceFunction {
  readonly handler: string;
  readonly name?: string;
  readonly events?: readonly unknown[];
  readonly environment?: Record<string, unknown>;
}

/** The service that Serverless has read from serverless.yml. */
export interface Service {
  /** Its name. */
  readonly service: string;
  readonly functions: Record<string, ServiceFunction>;
  readonly custom?: { readonly settings?: StackSettings };
}

/** The functions' variables that name the secrets, and the secrets' names on a laptop. */
const SECRET_IDS: Readonly<Record<string, string>> = {
  MASTER_TOKEN_SECRET_ID: MASTER_TOKEN_SECRET,
  HMAC_KEY_SECRET_ID: HMAC_KEY_SECRET,
};

/**
 * Changes a service in place into what serverless-offline can run.
 *
 * With PocketPaw behind the gateway its routes become a function with the stack's own authorizer (deploy/pocketpaw.js).
 * The functions' variables get the values that a deployment would give them: on AWS the secrets are references to
 * the stack's own, here they have names. A variable that is null, or that is another reference, is removed.
 *
 * @param port the gateway's
 */
export function adaptService(service: Service, port: number): void {
  const events = pocketPawEvents(service.custom?.settings);
  if (events.length > 0) {
    service.functions.pocketpaw = {
      handler: "local/front/pocketpaw-route.handler",
      name: `${service.service}-pocketpaw`,
      events,
    };
  }
  for (const { environment = {} } of Object.values(service.functions)) {
    for (const [variable, value] of Object.entries(environment)) {
      const secretId = SECRET_IDS[variable];
      if (secretId !== undefined) environment[variable] = secretId;
      else if (variable === "PUBLIC_URL") environment[variable] = gatewayUrl(port);
      else if (typeof value === "object") delete environment[variable];
    }
  }
}

/** Where browsers find the gateway on a laptop. */
export function gatewayUrl(port: number): string {
  return `http://localhost:${port}`;
}
