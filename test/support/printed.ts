import type { ChildProcess } from "node:child_process";

/** Gathers what a process prints; the returned function returns all of stdout and stderr so far. */
export function gatherPrinted({ stdout, stderr }: ChildProcess): () => string {
  let printed = "";
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  }
  return () => printed;
}
