import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import type { LogEntry } from "../../lib/log.ts";

const run = promisify(execFile);

/** What a process prints that writes this log line. */
async function printed(entry: LogEntry): Promise<{ stdout: string; stderr: string }> {
  const program = `
    import { writeLog } from "./lib/log.ts";
    writeLog(${JSON.stringify(entry)});`;
  return run(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program]);
}

test("an entry is one line of JSON on stdout, with a timestamp and a level that Lambda reads", async () => {
  const entry: LogEntry = { level: "WARN", event: "authorization", requestId: 'a"\n\u2028b' };
  const { stdout, stderr } = await printed(entry);
  expect(stderr).toBe("");
  expect(stdout.endsWith("\n")).toBe(true);
  expect(stdout.trimEnd()).not.toContain("\n");
  const line = JSON.parse(stdout);
  expect(line).toEqual({ ...entry, timestamp: expect.any(String) });
  expect(new Date(line.timestamp).toISOString()).toBe(line.timestamp);
});

describe("Lambda's log level", () => {
  const entries = (["INFO", "WARN", "ERROR"] as const).map((level) => ({
    level,
    event: "authorization" as const,
  }));

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
    vi.stubEnv("AWS_LAMBDA_LOG_LEVEL", level);
    vi.resetModules();
    const { writeLog } = await import("../../lib/log.ts");
    const written: string[] = [];
    const write = vi.spyOn(process.stdout, "write").mockImplementation((line) => {
      written.push(String(line));
      return true;
    });
    for (const entry of entries) writeLog(entry);
    write.mockRestore();
    vi.unstubAllEnvs();
    expect(written.map((line) => JSON.parse(line).level)).toEqual(expected);
  });
});
