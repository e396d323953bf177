import { execFileSync } from 'node:child_process';

/** A file of a commit, read byte for byte: no line ends are converted, no filter runs. */
export interface CommittedFile {
  /** Path relative to the data root. */
  path: string;
  bytes: Uint8Array;
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

/** Largest output of git that is read: all captures of a commit together. */
const MAX_BYTES = 1024 * 1024 * 1024;

interface GitFailure {
  code?: string;
  stderr?: Uint8Array;
}

function git(root: string, args: readonly string[], input = ''): Buffer {
  return execFileSync('git', args, { cwd: root, input, maxBuffer: MAX_BYTES, stdio: 'pipe' });
}

/** The contents of some objects, in one process; each comes as `<object> blob <bytes>`, a line feed, and the contents. */
function blobs(root: string, objects: readonly string[]): Uint8Array[] {
  const output = git(root, ['cat-file', '--batch'], objects.map((object) => `${object}\n`).join(''));
  let at = 0;
  return objects.map(() => {
    const start = output.indexOf(10, at) + 1;
    const end = start + Number(output.toString('latin1', at, start).trim().split(' ')[2]);
    at = end + 1;
    return output.subarray(start, end);
  });
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
    prefix = lineOf(git(root, ['rev-parse', '--show-prefix']));
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
    commit = lineOf(git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]));
  } catch {
    throw new HistoryError(
      `${JSON.stringify(ref)} is no commit of this repository. \`git log --oneline -- captures\` lists those that changed captures.`,
      true,
    );
  }
  const day = lineOf(git(root, ['show', '--no-patch', '--format=%h, %cs', commit]));
  const paths = [`${prefix}layers.yaml`, `${prefix}captures/`];
  const list = git(root, ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths]).toString('utf8');
  const entries = list.split('\0').flatMap((entry) => {
    // A link (mode 120000) or a submodule (160000) is no output.
    const [, object, path] = /^100(?:644|755) blob ([0-9a-f]+)\t([\s\S]+)$/.exec(entry) ?? [];
    return object && path ? [{ object, path: path.slice(prefix.length) }] : [];
  });
  const contents = blobs(
    root,
    entries.map(({ object }) => object),
  );
  const files = entries.map(({ path }, index) => ({ path, bytes: contents[index] as Uint8Array }));
  return { name: `${ref} (${day})`, files };
}
