import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { deployed, gateway } from "./deployed.ts";
import { type Reply, send } from "./http.ts";

/** The lines of PocketPaw's access log that a request with this mark in its URL has left. */
export function accessesWith(mark: string): string[] {
  return readFileSync(deployed.pocketPaw.logFile, "utf8")
    .split("\n")
    .filter((line) => line.includes(mark) && / HTTP\/1\.1" [0-9]{3}/.test(line));
}

/** Sends a request that can be found in PocketPaw's access log, if it gets that far. */
export async function sendMarked(
  target: string,
  options: Parameters<typeof send>[2] = {},
): Promise<{ reply: Reply; accesses: string[] }> {
  const mark = `mark=${randomUUID()}`;
  const separator = target.includes("?") ? "&" : "?";
  const reply = await send(gateway, `${target}${separator}${mark}`, options);
  return { reply, accesses: accessesWith(mark) };
}
