import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What the module writes to stdout itself, in an environment with that log level. */
async function open(level?: string) {
  vi.stubEnv("AWS_LAMBDA_LOG_LEVEL", level);
  vi.resetModules();
  const { writeLog } = await import("../../lib/log.ts");
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((line) => {
    written.push(String(line));
    return true;
  });
  return { writeLog, written };
}

test("an entry is one line of JSON, with a timestamp and a level that Lambda reads", async () => {
  const { writeLog, written } = await open();
  const entry = { level: "WARN", event: "authorization", requestId: 'a"\n\u2028b' } as const;
  writeLog(entry);
  expect(written).toEqual([expect.stringMatching(/^[^\n]*\n$/)]);
  const line = JSON.parse(written.join());
  expect(line).toEqual({ ...entry, timestamp: expect.any(String) });
  expect(new Date(line.timestamp).toISOString()).toBe(line.timestamp);
});

const ALL = "INFO WARN ERROR";

test.each<[string | undefined, string]>([
  [undefined, ALL],
  ["TRACE", ALL],
  ["DEBUG", ALL],
  ["INFO", ALL],
  ["", ALL],
  ["warn", ALL],
  ["LOUD", ALL],
  ["WARN", "WARN ERROR"],
  ["ERROR", "ERROR"],
  ["FATAL", ""],
])("at Lambda's log level %s these are written: %s", async (level, expected) => {
  const { writeLog, written } = await open(level);
  for (const each of ["INFO", "WARN", "ERROR"] as const) {
    writeLog({ level: each, event: "authorization" });
  }
  expect(written.map((line) => JSON.parse(line).level).join(" ")).toBe(expected);
});
