import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
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
import { encodeRun, type RunFile } from '../../src/captures/run.ts';
import { CAPTURES_DIR, RUN_FILE } from '../../src/captures/store.ts';
import { type SideId, sideIds } from '../../src/recipe/schema.ts';

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
 * @throws {LockedError} when another process holds it
 */
export function lock(root: string): () => void {
  mkdirSync(join(root, CAPTURES_DIR), { recursive: true });
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

/**
 * Puts right what a killed recording left behind: a set is put in place by two renames, and between them the side
 * has no folder. Call it with the lock held.
 * @returns what was done, in words; empty where nothing was left
 */
export function recover(root: string): string[] {
  return sideIds.flatMap((side) => {
    const staging = stagingDir(root, side);
    const folder = join(root, CAPTURES_DIR, side);
    if (!existsSync(staging)) return [];
    const finish = !existsSync(folder) && existsSync(join(staging, 'old')) && existsSync(join(staging, 'new'));
    if (finish) renameSync(join(staging, 'new'), folder);
    rmSync(staging, { recursive: true, force: true });
    return [
      finish
        ? `captures/${side}: an earlier recording was cut off while its files were put in place; that is finished now`
        : `captures/${side}: an earlier recording was cut off; what it had not finished is gone, the old set stands`,
    ];
  });
}

/** A new set of one side in the making; nothing under captures/<side> changes before {@link Staging.commit}. */
export class Staging {
  readonly #root: string;
  readonly #side: SideId;
  readonly #dir: string;

  /** Starts an empty set. */
  constructor(root: string, side: SideId) {
    this.#root = root;
    this.#side = side;
    this.#dir = stagingDir(root, side);
    mkdirSync(join(this.#dir, 'new'), { recursive: true });
  }

  /** Adds a file to the new set. @param name within the side, such as `l4-iptables-nat.txt` */
  put(name: string, parts: Iterable<Uint8Array | string>): void {
    writeDurably(join(this.#dir, 'new', name), parts);
  }

  /** Replaces the old set by the new one; what the new one lacks is taken over from the old one. */
  commit(run: RunFile): void {
    const folder = join(this.#root, CAPTURES_DIR, this.#side);
    const fresh = join(this.#dir, 'new');
    this.put(RUN_FILE, [encodeRun(run)]);
    if (existsSync(folder)) {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const target = join(fresh, entry.name);
        if (entry.isFile() && !existsSync(target)) {
          copyFileSync(join(folder, entry.name), target);
          sync(target);
        }
      }
    }
    sync(fresh);
    // The old folder moves away whole and the new one comes in whole: at no time is there a mix of both.
    if (existsSync(folder)) renameSync(folder, join(this.#dir, 'old'));
    renameSync(fresh, folder);
    sync(join(this.#root, CAPTURES_DIR));
    this.discard();
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
