import { exchange } from "./front/exchange.ts";
import { valuesOf } from "./front/headers.ts";
import type { RotationEvent } from "./secrets-manager/server.ts";

/** A rotation waits for no function longer than Lambda lets one run. */
const LIMIT_MILLISECONDS = 900_000;

/**
 * Invokes a function of serverless-offline and waits for its end.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 *
 * @param socket the path of the Unix domain socket on which serverless-offline takes invocations
 * @param name the function's full name, stage and all
 * @throws Error with the function's own message when it fails or does not exist
 */
export async function invokeOffline(
  socket: string,
  name: string,
  event: RotationEvent,
): Promise<void> {
  const request = {
    method: "POST",
    target: `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`,
    headers: ["Host", "localhost"],
    body: Buffer.from(JSON.stringify(event)),
  };
  const { status, headers, body } = await exchange(socket, request, LIMIT_MILLISECONDS);
  if (status === 200 && valuesOf(headers, "x-amz-function-error").length === 0) return;
  throw new Error(
    messageIn(String(body)) ?? `The function ${name} responded with status ${status}.`,
  );
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
