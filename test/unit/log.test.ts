import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** What a process prints that writes one log line. */
async function printed(entry: unknown): Promise<{ stdout: string; stderr: string }> {
  const program = `
    import { writeLog } from "./lib/log.ts";
    writeLog(${JSON.stringify(entry)});`;
  return run(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
}

test("an entry is one line of JSON on stdout, with a timestamp and a level that Lambda reads", async () => {
  const entry = { level: "WARN", event: "authorization", requestId: 'a"\n\u2028b' };
  const { stdout, stderr } = await printed(entry);
  expect(stderr).toBe("");
  expect(stdout.endsWith("\n")).toBe(true);
  expect(stdout.trimEnd()).not.toContain("\n");
  const line = JSON.parse(stdout);
  expect(line).toEqual({ ...entry, timestamp: expect.any(String) });
  expect(new Date(line.timestamp).toISOString()).toBe(line.timestamp);
});
