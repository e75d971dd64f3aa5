/** In place of the SDK's default chain of credential providers, in a client that is given its own. */
export function defaultProvider(): never {
  throw new Error("the client was given no credentials");
}
