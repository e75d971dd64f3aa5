import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);

/** What a process prints that writes these log lines, at Lambda's log level of that name. */
async function printed(
  entries: readonly unknown[],
  level?: string,
): Promise<{ stdout: string; stderr: string }> {
  const program = `
    import { writeLog } from "./lib/log.ts";
    for (const entry of ${JSON.stringify(entries)}) writeLog(entry);`;
  const { AWS_LAMBDA_LOG_LEVEL: _level, ...environment } = process.env;
  const env = { ...environment, ...(level !== undefined && { AWS_LAMBDA_LOG_LEVEL: level }) };
  const options = ["--import", "tsx", "--input-type=module", "-e", program];
  return run(process.execPath, options, { env });
}

test("an entry is one line of JSON on stdout, with a timestamp and a level that Lambda reads", async () => {
  const entry = { level: "WARN", event: "authorization", requestId: 'a"\n\u2028b' };
  const { stdout, stderr } = await printed([entry]);
  expect(stderr).toBe("");
  expect(stdout.endsWith("\n")).toBe(true);
  expect(stdout.trimEnd()).not.toContain("\n");
  const line = JSON.parse(stdout);
  expect(line).toEqual({ ...entry, timestamp: expect.any(String) });
  expect(new Date(line.timestamp).toISOString()).toBe(line.timestamp);
});

describe("Lambda's log level", () => {
  const entries = ["INFO", "WARN", "ERROR"].map((level) => ({ level, event: "authorization" }));

  test.each([
    [undefined, ["INFO", "WARN", "ERROR"]],
    ["TRACE", ["INFO", "WARN", "ERROR"]],
    ["DEBUG", ["INFO", "WARN", "ERROR"]],
    ["INFO", ["INFO", "WARN", "ERROR"]],
    ["WARN", ["WARN", "ERROR"]],
    ["ERROR", ["ERROR"]],
    ["FATAL", []],
    ["", ["INFO", "WARN", "ERROR"]],
    ["warn", ["INFO", "WARN", "ERROR"]],
    ["LOUD", ["INFO", "WARN", "ERROR"]],
  ])("%s: these are written: %j", async (level, expected) => {
    const { stdout } = await printed(entries, level);
    const lines = stdout.split("\n").filter(Boolean);
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(expected);
  });
});
