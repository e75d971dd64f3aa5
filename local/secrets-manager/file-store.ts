import { chmod, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../has-code.ts";
import { EMPTY_STATE, type State } from "./state.ts";
import { parseState, serializeState } from "./state-file.ts";

/** Keeps the state in memory and in a file, the file always first. */
export interface FileStore {
  /** The state as last written. */
  state: () => State;
  /**
   * Makes a change, after the changes that were requested before it, and resolves when the new state is on
   * the disk. Rejects with what `change` throws, or when the write fails; then the state is unchanged.
   */
  update: <T extends { state: State }>(change: (state: State) => T) => Promise<T>;
  /** Waits for the changes that were requested; later ones are refused. */
  close: () => Promise<void>;
}

const FILE_NAME = "secrets.json";
const OWNER_ONLY = 0o600;

/**
 * Opens `secrets.json` in a directory, and makes the directory if it does not exist.
 *
 * @throws Error that names the file when it cannot be read or is damaged; then nothing is replaced
 */
export async function openFileStore(directory: string): Promise<FileStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, FILE_NAME);
  let state = await load(file);
  let identity = await identityOf(file);
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function write(next: State): Promise<void> {
    // Another process, or an editor, has changed the file since: its change must not be lost.
    if ((await identityOf(file)) !== identity) {
      throw new Error(`${file} was changed by another process; restart this one to read it`);
    }
    await writeWhole(`${file}.tmp`, serializeState(next));
    await rename(`${file}.tmp`, file);
    identity = await identityOf(file);
    await syncDirectory(directory);
  }

  function update<T extends { state: State }>(change: (state: State) => T): Promise<T> {
    if (closed) return Promise.reject(new Error("the store is closed"));
    const result = queue.then(async () => {
      const outcome = change(state);
      if (outcome.state !== state) {
        await write(outcome.state);
        state = outcome.state;
      }
      return outcome;
    });
    queue = result.catch(() => undefined);
    return result;
  }

  async function close(): Promise<void> {
    closed = true;
    await queue;
  }

  return { state: () => state, update, close };
}

async function load(file: string): Promise<State> {
  const text = await readIfThere(file);
  if (text === undefined) return EMPTY_STATE;
  try {
    return parseState(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${file} is damaged (${why}). Restore a copy of it, or move it away to start with new secrets, which ends every session.`,
    );
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    // A copy that was put back may have another mode.
    await chmod(file, OWNER_ONLY);
    return await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Differs between two written files: a rename brings another inode or another time. */
async function identityOf(file: string): Promise<string> {
  try {
    const { ino, mtimeNs, size } = await stat(file, { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "missing";
    throw error;
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  // A leftover of a write that was cut short may have another mode, or be a link that leads elsewhere.
  await rm(file, { force: true });
  const handle = await open(file, "wx", OWNER_ONLY);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Without it, a power cut may undo the rename. Windows cannot open a directory, and does not need to. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
