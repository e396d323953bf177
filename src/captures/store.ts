import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Problem, ProblemsError } from '../problem.ts';
import { bodyText, type CaptureFile, decodeCapture, MAX_FILE_BYTES, sha256 } from './file.ts';

/** Folder of the outputs in the project root. */
export const CAPTURES_DIR = 'captures';
/** Environment a side was recorded in; stands beside the captures and is not one. */
export const RUN_FILE = 'run.yaml';
/** Remarks on this recording; see observations.ts. */
export const OBSERVATIONS_FILE = 'observations.yaml';

/** One capture as read from disk. */
export interface StoredCapture extends CaptureFile {
  /** `v1/l4-iptables-nat` */
  key: string;
  /** Path relative to the project root. */
  file: string;
  /** The body decoded for reading; see {@link bodyText}. */
  text: string;
  /** SHA-256 of the body. */
  sha256: string;
  /** SHA-256 of the whole file: another recording has another, even where it printed the same. */
  fileSha256: string;
  /** Lines of the file above the body, so that a line of the output can be named as a line of the file. */
  headerLines: number;
}

/** Path of a capture relative to the project root. */
export function captureFile(key: string): string {
  return `${CAPTURES_DIR}/${key}.txt`;
}

/**
 * Reads the captures the recipe names and looks for files it does not name.
 * @param root project root
 * @param keys keys the recipe asks for, such as `v1/l4-iptables-nat`
 * @returns what could be read, the captures without a file, and everything else that is wrong
 */
export function readCaptures(
  root: string,
  keys: readonly string[],
): { captures: Map<string, StoredCapture>; missing: Problem[]; problems: Problem[] } {
  const captures = new Map<string, StoredCapture>();
  const problems: Problem[] = [];
  const missing: Problem[] = [];
  for (const key of keys) {
    if (!lstatSync(join(root, captureFile(key)), { throwIfNoEntry: false })) {
      missing.push({
        file: captureFile(key),
        subject: `capture ${key}`,
        expected: 'the output of this capture',
        found: 'no such file',
        fix: 'Run `npm run capture`, or put the output there, or remove the capture from layers.yaml.',
      });
      continue;
    }
    const capture = readCapture(root, key, problems);
    if (capture) captures.set(key, capture);
  }
  problems.push(...orphans(root, new Set(keys.map(captureFile))));
  return { captures, missing, problems };
}

function readCapture(root: string, key: string, problems: Problem[]): StoredCapture | undefined {
  const file = captureFile(key);
  const path = join(root, file);
  // A folder that is a link would let a capture be read from anywhere.
  const links = [path, dirname(path), dirname(dirname(path))].some((place) => lstatSync(place).isSymbolicLink());
  const stat = lstatSync(path);
  const refuse = (expected: string, found: string, fix: string, line?: number) => {
    problems.push({ file, ...(line === undefined ? {} : { line }), subject: `capture ${key}`, expected, found, fix });
    return undefined;
  };
  if (links)
    return refuse(
      'a regular file in regular folders',
      'a symbolic link',
      'Replace the link by what it points to: captures may not lead out of captures/.',
    );
  if (!stat.isFile()) return refuse('a regular file', 'something else', 'Replace it by the output.');
  if (stat.size > MAX_FILE_BYTES)
    return refuse(
      `at most ${MAX_FILE_BYTES} bytes (64 MB)`,
      `${stat.size} bytes`,
      'Narrow the command so that it prints less.',
    );
  try {
    const bytes = readFileSync(path);
    const { header, body } = decodeCapture(bytes, file);
    const headerText = bodyText(bytes.subarray(0, bytes.length - body.length));
    const lineOf = (name: string) => headerText.split('\n').findIndex((line) => line.startsWith(`${name}:`)) + 1;
    const digest = sha256(body);
    if (header?.sha256 !== undefined && header.sha256 !== digest) {
      return refuse(
        `a body with the header's sha256 ${header.sha256}`,
        digest,
        'The output was changed after it was recorded: restore the file or record it again.',
        lineOf('sha256'),
      );
    }
    if (header?.bytes !== undefined && header.bytes !== body.length) {
      return refuse(
        `a body of ${header.bytes} bytes, as the header says`,
        `${body.length} bytes`,
        'Restore the file or record it again.',
        lineOf('bytes'),
      );
    }
    const headerLines = headerText.split('\n').length - 1;
    return { key, file, header, body, text: bodyText(body), sha256: digest, fileSha256: sha256(bytes), headerLines };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    problems.push(...error.problems.map((problem) => ({ ...problem, subject: `capture ${key}, ${problem.subject}` })));
    return undefined;
  }
}

/** Keys of the capture files that are there, whatever the recipe says. */
export function keysOnDisk(root: string): string[] {
  return filesBelow(root, CAPTURES_DIR)
    .map((file) => /^captures\/(v[12]\/.+)\.txt$/.exec(file)?.[1])
    .filter((key) => key !== undefined);
}

/** Every file below a folder. Hidden files are the operating system's, not ours. */
function filesBelow(root: string, dir: string): string[] {
  if (!statSync(join(root, dir), { throwIfNoEntry: false })) return [];
  return readdirSync(join(root, dir), { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.'))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(root, `${dir}/${entry.name}`) : [`${dir}/${entry.name}`]));
}

/** Files below captures/ that no line of the recipe names. */
function orphans(root: string, expected: ReadonlySet<string>): Problem[] {
  return filesBelow(root, CAPTURES_DIR)
    .filter((file) => !expected.has(file) && !/^captures\/(?:v[12]\/run|observations)\.yaml$/.test(file))
    .sort()
    .map((file) => ({
      file,
      expected: 'every file in captures/ to be named by layers.yaml',
      found: 'a file no capture of the recipe names',
      fix: 'Add a capture for it to layers.yaml, or delete the file.',
    }));
}
