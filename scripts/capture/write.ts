import {
  accessSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { sha256 } from '../../src/captures/file.ts';
import { encodeRun, type RecordedRun, type RunFile } from '../../src/captures/run.ts';
import { CAPTURES_DIR, RUN_FILE } from '../../src/captures/store.ts';
import { type SideId, sideIds } from '../../src/recipe/schema.ts';
import { StopError } from './failure.ts';

/** Another recording has the captures. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/** Locks this process holds; a database that nobody refers to is closed by the garbage collector. */
const held = new Set<DatabaseSync>();

/**
 * Takes the lock of the captures. It is a lock of the kernel (SQLite's, on captures/.lock), so it ends with the
 * process that holds it, however that process ends; the file stays and means nothing by itself.
 * @returns releases it
 * @throws {LockedError} when another process holds it; an error of the file system when captures/ cannot be written
 */
export function lock(root: string): () => void {
  mkdirSync(join(root, CAPTURES_DIR), { recursive: true });
  // SQLite opens for reading what it cannot write.
  accessSync(join(root, CAPTURES_DIR), constants.W_OK);
  const database = new DatabaseSync(join(root, CAPTURES_DIR, '.lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === 5) throw new LockedError('another recording is under way');
    throw error;
  }
  held.add(database);
  return () => {
    held.delete(database);
    database.close();
  };
}

const stagingDir = (root: string, side: SideId) => join(root, CAPTURES_DIR, `.staging-${side}`);
/** A finished set that could not be put in place. */
const finishedDir = (root: string, side: SideId) => join(root, CAPTURES_DIR, `.finished-${side}`);
/** In such a set: the recording it comes from. */
const RECORDING = 'recording.json';

/**
 * Puts right what a killed recording left behind: a set is put in place by two renames, and between them the side
 * has no folder. Call it with the lock held.
 * @returns what was done, in words; empty where nothing was left
 */
export function recover(root: string): string[] {
  for (const name of existsSync(join(root, CAPTURES_DIR)) ? readdirSync(join(root, CAPTURES_DIR)) : []) {
    if (/^\..*\.json\.new$/.test(name)) rmSync(join(root, CAPTURES_DIR, name));
  }
  return sideIds.flatMap((side) => {
    const staging = stagingDir(root, side);
    const folder = join(root, CAPTURES_DIR, side);
    const said: string[] = [];
    if (existsSync(staging)) {
      const fresh = existsSync(join(staging, 'new'));
      const finish = !existsSync(folder) && existsSync(join(staging, 'old')) && fresh;
      if (finish) {
        renameSync(join(staging, 'new'), folder);
        said.push('an earlier recording was cut off while its files were put in place; that is finished now');
      } else if (fresh && existsSync(join(staging, RECORDING))) {
        setAside(root, side);
      } else {
        said.push('an earlier recording was cut off; what it had not finished is gone, the old set stands');
      }
      rmSync(staging, { recursive: true, force: true });
    }
    if (existsSync(finishedDir(root, side))) {
      said.push('a finished set waits to be put in place with: npm run capture -- --resume');
    }
    return said.map((text) => `captures/${side}: ${text}`);
  });
}

function setAside(root: string, side: SideId): void {
  rmSync(finishedDir(root, side), { recursive: true, force: true });
  renameSync(stagingDir(root, side), finishedDir(root, side));
}

/** A new set of one side in the making; nothing under captures/<side> changes before {@link Staging.commit}. */
export class Staging {
  readonly #root: string;
  readonly #side: SideId;
  readonly #dir: string;
  readonly #before: Record<string, string>;

  /** Starts an empty set. @param before digests of the set it is to replace */
  constructor(root: string, side: SideId, before = digests(root, side)) {
    if (lstatSync(join(root, CAPTURES_DIR, side), { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new StopError({
        what: `captures/${side}`,
        cause: 'expected a folder, found a symbolic link, which would be replaced',
        fix: 'Put the folder itself there.',
      });
    }
    this.#root = root;
    this.#side = side;
    this.#dir = stagingDir(root, side);
    this.#before = before;
    mkdirSync(join(this.#dir, 'new'), { recursive: true });
  }

  /** The finished set that waits, and its recording; undefined where none waits. Call it with the lock held. */
  static resume(root: string, side: SideId): { staging: Staging; run: RecordedRun; names: string[] } | undefined {
    const waiting = finishedDir(root, side);
    if (!existsSync(waiting)) return undefined;
    const { run, before } = JSON.parse(readFileSync(join(waiting, RECORDING), 'utf8'));
    renameSync(waiting, stagingDir(root, side));
    const names = readdirSync(join(stagingDir(root, side), 'new')).filter((name) => name !== RUN_FILE);
    return { staging: new Staging(root, side, before), run, names };
  }

  /** Adds a file to the new set. @param name within the side, such as `l4-iptables-nat.txt` */
  put(name: string, parts: Iterable<Uint8Array | string>): void {
    writeDurably(join(this.#dir, 'new', name), parts);
  }

  /** Bytes of a file of the new set. */
  read(name: string): Buffer {
    return readFileSync(join(this.#dir, 'new', name));
  }

  /** Files of the old set that somebody changed since this one was started, out of those it would replace. */
  changedMeanwhile(): string[] {
    const now = digests(this.#root, this.#side);
    return [...readdirSync(join(this.#dir, 'new')), RUN_FILE].filter((name) => now[name] !== this.#before[name]);
  }

  /** Replaces the old set by the new one; what that one lacks is taken over, folders and links too, unless it is not here. */
  commit(run: RunFile): void {
    const folder = join(this.#root, CAPTURES_DIR, this.#side);
    const fresh = join(this.#dir, 'new');
    this.put(RUN_FILE, [encodeRun(run)]);
    rememberWritten(this.#root, this.#side, Object.values(digestsOf(fresh)));
    if (existsSync(folder)) {
      const gone = Object.keys(run.notRecorded ?? {}).map((key) => `${key.split('/')[1]}.txt`);
      const own = new Set([...readdirSync(fresh), ...gone].map((name) => join(folder, name)));
      cpSync(folder, fresh, {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
        filter: (source) => !own.has(source),
      });
      for (const one of readdirSync(fresh, { recursive: true, withFileTypes: true })) {
        if (one.isFile()) sync(join(one.parentPath, one.name));
      }
    }
    sync(fresh);
    // The old folder moves away whole and the new one comes in whole: at no time is there a mix of both.
    const old = join(this.#dir, 'old');
    if (existsSync(folder)) renameSync(folder, old);
    try {
      renameSync(fresh, folder);
    } catch (error) {
      if (existsSync(old)) renameSync(old, folder);
      throw error;
    }
    sync(join(this.#root, CAPTURES_DIR));
    this.discard();
    rmSync(finishedDir(this.#root, this.#side), { recursive: true, force: true });
  }

  /** Keeps a finished set that cannot be put in place now; {@link Staging.resume} finds it. */
  keep(run: RecordedRun): void {
    writeDurably(join(this.#dir, RECORDING), [JSON.stringify({ run, before: this.#before })]);
    setAside(this.#root, this.#side);
  }

  /** Removes what is staged. */
  discard(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function writeDurably(path: string, parts: Iterable<Uint8Array | string>): void {
  const file = openSync(path, 'w', 0o644);
  try {
    for (const part of parts) writeFileSync(file, part);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** SHA-256 of each regular file in a folder, by name. */
function digestsOf(folder: string): Record<string, string> {
  const files = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }).filter((one) => one.isFile()) : [];
  return Object.fromEntries(files.map(({ name }) => [name, sha256(readFileSync(join(folder, name)))]));
}

const digests = (root: string, side: SideId) => digestsOf(join(root, CAPTURES_DIR, side));

const writtenFile = (root: string, side: SideId) => join(root, CAPTURES_DIR, `.written-${side}.json`);

/** Remembers what the recorder itself wrote, so that it can be told from edits by hand. */
function rememberWritten(root: string, side: SideId, fresh: readonly string[]): void {
  const standing = new Set(Object.values(digests(root, side)));
  const before = writtenBefore(root, side).filter((digest) => standing.has(digest));
  replaceFile(writtenFile(root, side), JSON.stringify([...before, ...fresh]));
}

function writtenBefore(root: string, side: SideId): string[] {
  const parsed = z.array(z.string()).safeParse(readJson(writtenFile(root, side)));
  return parsed.success ? parsed.data : [];
}

/** Out of these files of a side, those that are there and do not stand as the recorder wrote them. */
export function notOurs(root: string, side: SideId, names: readonly string[]): string[] {
  const written = new Set(writtenBefore(root, side));
  const now = digests(root, side);
  return names.filter((name) => now[name] !== undefined && !written.has(now[name]));
}

/** What a file of JSON holds; undefined where there is none, or it cannot be read. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Replaces a file: it holds the old content or the new one, whatever happens. */
export function replaceFile(path: string, text: string): void {
  try {
    writeDurably(`${path}.new`, [text]);
    renameSync(`${path}.new`, path);
  } finally {
    rmSync(`${path}.new`, { force: true });
  }
}

/** Bytes of a file of the old set, for telling what changed. */
export function oldFile(root: string, side: SideId, name: string): Buffer | undefined {
  const path = join(root, CAPTURES_DIR, side, name);
  return existsSync(path) ? readFileSync(path) : undefined;
}

/**
 * A kubeconfig that holds nothing but the chosen context. Put first in KUBECONFIG it fixes the context for every
 * kubectl of the run (the first file that sets a value wins), so the commands need no --context and stay pasteable.
 * @returns the file, and how to remove it
 */
export function pinContext(context: string): { file: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'dataplane-visualizer-'));
  const file = join(dir, 'context.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': context }), {
    mode: 0o600,
  });
  return { file, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
