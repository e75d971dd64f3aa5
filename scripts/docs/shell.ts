import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type Server, startServer } from "../../test/deployed/support/processes.ts";
import { copyProject } from "../../test/support/checkout.ts";
import { TRIED } from "./commands.ts";

/** `npm ci` is a part of it. */
const START_LIMIT_MILLISECONDS = 300_000;

/** What stands for a placeholder or for the example's value: text, and what replaces it. */
export type Replacements = Readonly<Record<string, string>>;

/** A user's shell in a fresh copy, with a home folder of its own. */
export interface Shell {
  readonly copy: string;
  readonly home: string;
  /** Variables that the next commands find. */
  readonly variables: Record<string, string>;
  /**
   * Runs documented commands in one shell, each found by a part of its text, and `after` behind them.
   * Resolves with what they print.
   */
  readonly documented: (
    parts: readonly string[],
    replacements?: Replacements,
    after?: string,
  ) => Promise<string>;
  /** Runs a command that is not in the documentation. */
  readonly other: (command: string) => Promise<string>;
  /** Starts a documented command that runs until it is stopped. */
  readonly start: (
    part: string,
    port: number,
    isUp: () => Promise<boolean>,
  ) => Promise<Server & { readonly output: () => string }>;
  /** Documented commands that were not run. */
  readonly untried: () => readonly string[];
  readonly remove: () => void;
}

/**
 * Copies the project without what is installed or built in it.
 *
 * @param path folders of programs, before those of PATH
 */
export async function openShell(path: readonly string[]): Promise<Shell> {
  const directory = mkdtempSync(join(tmpdir(), "pocketpaw-commands-"));
  const copy = join(directory, "copy");
  const home = join(directory, "home");
  const left = new Set(TRIED);
  const variables: Record<string, string> = {};
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(AWS|POCKETPAW|npm)_/i.test(name),
  );
  const base = {
    ...Object.fromEntries(inherited as [string, string][]),
    PATH: [...path, process.env.PATH].join(":"),
    HOME: home,
    // PocketPaw would open a window.
    BROWSER: "true",
  };
  const bash = (text: string, cwd: string, env: Readonly<Record<string, string>> = base) => ({
    command: "bash",
    args: ["-euo", "pipefail", "-c", text],
    env,
    directory: cwd,
  });
  // The user's registry and cache, from the home folder that the shell does not have.
  const npm = async (name: string) =>
    (
      await run(
        bash(`npm config get ${name}`, directory, { ...base, HOME: process.env.HOME ?? "" }),
      )
    ).trim();
  const settings = {
    npm_config_userconfig: await npm("userconfig"),
    npm_config_cache: await npm("cache"),
  };
  mkdirSync(home);
  copyProject(copy);

  function find(part: string): string {
    const [command, ...others] = TRIED.includes(part)
      ? [part]
      : TRIED.filter((each) => each.includes(part));
    if (command === undefined || others.length > 0) {
      throw new Error(`scripts/docs/commands.ts has no command, or more than one: ${part}`);
    }
    left.delete(command);
    return command;
  }
  function replaced(command: string, replacements: Replacements = {}): string {
    return Object.entries(replacements).reduce((text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`There is no ${from} in: ${text}`);
      return text.replaceAll(from, to);
    }, command);
  }
  const environment = () => ({ ...base, ...settings, ...variables });
  const show = (text: string) => process.stdout.write(`\n$ ${text.replaceAll("\n", "\n$ ")}\n`);

  async function print(text: string): Promise<string> {
    show(text);
    const output = await run(bash(text, copy, environment()));
    process.stdout.write(output.length > 2_000 ? `… ${output.slice(-500)}` : output);
    return output;
  }

  return {
    copy,
    home,
    variables,
    documented: (parts, replacements, after = "") =>
      print(`${replaced(parts.map(find).join("\n"), replacements)}\n${after}`.trim()),
    other: (command) => print(command),
    start: async (part, port, isUp) => {
      const text = find(part);
      show(`${text} &`);
      const logFile = join(directory, `${port}.log`);
      writeFileSync(logFile, "");
      // In a shell of its own: it does not find the variables.
      const command = bash(text, copy, { ...base, ...settings });
      const server = await startServer(
        logFile,
        () => command,
        isUp,
        port,
        START_LIMIT_MILLISECONDS,
      );
      return { ...server, output: () => readFileSync(logFile, "utf8") };
    },
    untried: () => [...left],
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
