import { readFileSync, statSync } from 'node:fs';
import { bodyText, decodeCapture, MAX_FILE_BYTES } from '../src/captures/file.ts';
import { parseIptablesSave } from '../src/formats/iptables-save.ts';
import { FormatError } from '../src/formats/types.ts';
import { type Walk, walk, walkable } from '../src/netfilter/walk.ts';
import { formatProblem, ProblemsError } from '../src/problem.ts';
import { parseCommandLine, USAGE, UsageError } from './walk/arguments.ts';
import { walkJson, walkText } from './walk/text.ts';

/** What the command needs from the world. */
export interface Io {
  /** Bytes of a file, or of standard input for `-`. */
  read(file: string): Uint8Array;
  out(text: string): void;
  err(text: string): void;
}

/** A file that cannot be read, in one line. */
class ReadError extends Error {}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'a folder',
  EACCES: 'a file that may not be read',
  ENOTDIR: 'a path through something that is no folder',
};

function read(file: string, io: Io): Uint8Array {
  try {
    return io.read(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const found = CAUSES[code ?? ''] ?? (code === undefined ? message : code);
    throw new ReadError(
      formatProblem({
        file,
        expected: 'the output of iptables-save',
        found,
        fix: 'Name another file, or - for standard input.',
      }),
    );
  }
}

/** Walks the packet through the file; lines are counted in the file, header included. */
function walkFile(file: string, bytes: Uint8Array, packet: Parameters<typeof walk>[1]): Walk {
  const { body } = decodeCapture(bytes, file);
  const headerLines =
    Buffer.from(bytes.subarray(0, bytes.length - body.length))
      .toString('latin1')
      .split('\n').length - 1;
  try {
    const ruleset = parseIptablesSave(bodyText(body));
    if (ruleset.tables.length === 0) {
      const fix = 'Record it again as root: without privileges iptables-save prints nothing.';
      throw new ReadError(formatProblem({ file, expected: 'iptables rules', found: 'not a single one', fix }));
    }
    const result = walk(walkable(ruleset), packet);
    return { ...result, steps: result.steps.map((step) => ({ ...step, line: step.line + headerLines })) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { expected, found, hint } = error;
    throw new ReadError(formatProblem({ file, line: error.line + headerLines, expected, found, fix: hint }));
  }
}

/** Runs the command; returns its exit status. */
export function main(argv: readonly string[], io: Io): number {
  try {
    const request = parseCommandLine(argv);
    if (!request) {
      io.out(`${USAGE}\n`);
      return 0;
    }
    const name = request.file === '-' ? 'standard input' : request.file;
    const result = walkFile(name, read(request.file, io), request.packet);
    io.out(request.json ? walkJson(result) : walkText(name, request.packet, result));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`walk: ${error.message}\nRun \`npm run --silent walk -- --help\` for the options.\n`);
      return 2;
    }
    if (error instanceof ReadError || error instanceof ProblemsError) {
      io.err(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

function readBytes(file: string): Uint8Array {
  if (file === '-') return readFileSync(0);
  if (statSync(file).size > MAX_FILE_BYTES) throw new Error(`more than ${MAX_FILE_BYTES} bytes (64 MB)`);
  return readFileSync(file);
}

if (import.meta.main) {
  // A reader that has seen enough, such as head, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.exitCode = main(process.argv.slice(2), {
    read: readBytes,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}
