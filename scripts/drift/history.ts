import { execFileSync } from 'node:child_process';

/** A file of a commit, read byte for byte: no line ends are converted, no filter runs. */
export interface CommittedFile {
  /** Path relative to the data root. */
  path: string;
  bytes: () => Uint8Array;
}

/** A commit as far as the data root holds it. */
export interface Commit {
  /** `HEAD (8998914, 2026-07-02)`. */
  name: string;
  files: CommittedFile[];
}

/** What git could not do, in words for the user. `usage` where the command line is to blame. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly usage: boolean;

  constructor(message: string, usage: boolean) {
    super(message);
    this.usage = usage;
  }
}

/** Largest output of git that is read: a capture of the greatest size that is read from disk. */
const MAX_BYTES = 65 * 1024 * 1024;

interface GitFailure {
  code?: string;
  stderr?: Uint8Array;
}

function git(root: string, ...args: string[]): Uint8Array {
  return execFileSync('git', args, { cwd: root, maxBuffer: MAX_BYTES, stdio: ['ignore', 'pipe', 'pipe'] });
}

function lineOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').trim();
}

/**
 * Lists the recipe and the captures of a commit.
 * @param root data root, in a git checkout
 * @param ref anything git calls a commit: `HEAD`, `v1.0`, `main~3`, a hash
 * @throws {HistoryError} without git, outside a checkout, and where the commit does not exist
 */
export function readCommit(root: string, ref: string): Commit {
  let prefix: string;
  try {
    prefix = lineOf(git(root, 'rev-parse', '--show-prefix'));
  } catch (error) {
    const { code, stderr } = error as GitFailure;
    if (code === 'ENOENT')
      throw new HistoryError('git was not found. Install it: drift reads older recordings from it.', false);
    const reason = stderr ? lineOf(stderr).split('\n')[0] : String(error);
    throw new HistoryError(
      `${root} is not in a git checkout (${reason}). Run it in a clone of the project: older recordings are read from its history.`,
      false,
    );
  }
  let commit: string;
  try {
    commit = lineOf(git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`));
  } catch {
    throw new HistoryError(
      `${JSON.stringify(ref)} is no commit of this repository. \`git log --oneline -- captures\` lists those that changed captures.`,
      true,
    );
  }
  const day = lineOf(git(root, 'show', '--no-patch', '--format=%h, %cs', commit));
  const list = Buffer.from(
    git(root, 'ls-tree', '-r', '-z', '--full-tree', commit, '--', `${prefix}layers.yaml`, `${prefix}captures/`),
  ).toString('utf8');
  const files = list.split('\0').flatMap((entry) => {
    // A link (mode 120000) or a submodule (160000) is no output.
    const found = /^100(?:644|755) blob ([0-9a-f]+)\t([\s\S]+)$/.exec(entry);
    const [, object, path] = found ?? [];
    if (!object || !path) return [];
    return [{ path: path.slice(prefix.length), bytes: () => git(root, 'cat-file', 'blob', object) }];
  });
  return { name: `${ref} (${day})`, files };
}
