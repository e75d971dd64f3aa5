import type { RotationEvent } from "./secrets-manager/server.ts";

/** A rotation waits for no function longer than Lambda lets one run. */
const LIMIT_MILLISECONDS = 900_000;

/**
 * Invokes a function of serverless-offline and waits for its end.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 *
 * @param endpoint where serverless-offline takes invocations, `http://<host>:<lambdaPort>`
 * @param name the function's full name, stage and all
 * @throws Error with the function's own message when it fails or does not exist
 */
export async function invokeOffline(
  endpoint: string,
  name: string,
  event: RotationEvent,
): Promise<void> {
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
  const response = await fetch(endpoint + path, {
    method: "POST",
    body: JSON.stringify(event),
    signal: AbortSignal.timeout(LIMIT_MILLISECONDS),
  });
  const text = await response.text();
  if (response.ok && !response.headers.has("x-amz-function-error")) return;
  throw new Error(messageIn(text) ?? `the function ${name} answered ${response.status}`);
}

/** Lambda says `errorMessage` when the function failed, `Message` when there is no such function. */
function messageIn(text: string): string | undefined {
  try {
    const { errorMessage, Message } = JSON.parse(text);
    return errorMessage ?? Message;
  } catch {
    return undefined;
  }
}
