import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { type Problem, ProblemsError, quote } from '../problem.ts';
import { complaints, pathText } from '../validate.ts';
import { type CaptureHeader, headerSchema, parseHeaderText } from './header.ts';

/** A capture file, taken apart: provenance (absent for a plain output) and the output's bytes. */
export interface CaptureFile {
  header: CaptureHeader | undefined;
  body: Uint8Array;
}

/** Largest capture file that is read, in bytes. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** A header is a few hundred bytes; a closing line further away than this means it was never closed. */
const MAX_HEADER_BYTES = 1024 * 1024;

const OPEN = Buffer.from('---\n');
const CLOSE = Buffer.from('\n---\n');

/** SHA-256 of `bytes` as 64 lower-case hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The body as a reader sees it: UTF-8, a byte order mark kept, each invalid sequence as U+FFFD. */
export function bodyText(body: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
}

/** True where a file that starts like this would be read as having a header. */
function looksLikeHeader(bytes: Uint8Array): boolean {
  return /^(\uFEFF)?---\r?\n/.test(bodyText(bytes.subarray(0, 8)));
}

/**
 * Takes a capture file apart. A file that starts with the line `---` has a header up to the next such line;
 * all bytes after it are the body, untouched. Any other file is a plain output without a header.
 * @param file path for messages, relative to the project root
 * @throws {ProblemsError} when the header is not closed, not YAML, or not of the form {@link headerSchema}
 */
export function decodeCapture(bytes: Uint8Array, file: string): CaptureFile {
  if (!looksLikeHeader(bytes)) return { header: undefined, body: bytes };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, OPEN.length).equals(OPEN)) {
    throw headerProblem(file, {
      expected: 'the header to open with `---` and a line feed',
      found: buffer[0] === 0xef ? 'a byte order mark before it' : 'a carriage return after it',
      fix: 'An editor or git changed the file: restore it, and keep `captures/** -text` in .gitattributes.',
    });
  }
  // Searching from the line feed of the opening line lets an empty header (`---\n---\n`) close at once.
  const end = buffer.subarray(0, MAX_HEADER_BYTES).indexOf(CLOSE, OPEN.length - 1);
  if (end < 0) {
    throw headerProblem(file, {
      expected: 'a second `---` line that closes the header',
      found: 'none',
      fix: 'Close the header; if the file is a plain output that starts with `---`, put an empty header (`---` twice) above it.',
    });
  }
  const text = bodyText(buffer.subarray(OPEN.length, Math.max(end, OPEN.length)));
  return {
    header: text.trim() === '' ? undefined : typedHeader(text, file),
    body: buffer.subarray(end + CLOSE.length),
  };
}

function headerProblem(file: string, problem: Omit<Problem, 'file' | 'subject'>): ProblemsError {
  return new ProblemsError([{ file, line: 1, subject: 'header', ...problem }]);
}

function typedHeader(text: string, file: string): CaptureHeader {
  let data: unknown;
  try {
    data = parseHeaderText(text);
  } catch (error) {
    const { message, linePos } = error as Error & { linePos?: [{ line: number }] };
    throw headerProblem(file, {
      line: linePos ? linePos[0].line + 1 : 1,
      expected: 'YAML between the two `---` lines',
      found: quote(message.split('\n')[0]),
      fix: 'Correct the header, or delete it up to and including the second `---` to keep the output alone.',
    });
  }
  const result = headerSchema.safeParse(data);
  if (result.success) return result.data;
  throw new ProblemsError(
    complaints(result.error, data).map(({ path, expected, found }) => {
      const at = text.split('\n').findIndex((line) => path.length > 0 && line.startsWith(`${String(path[0])}:`));
      return {
        file,
        line: at < 0 ? 1 : at + 2,
        subject: path.length === 0 ? 'header' : `header, key ${pathText(path)}`,
        expected,
        found,
        fix: 'Correct the header, or record the capture again.',
      };
    }),
  );
}

/**
 * Puts a capture file together; the exact inverse of {@link decodeCapture} for every body.
 * A plain output that would be read as a header gets an empty one.
 */
export function encodeCapture({ header, body }: CaptureFile): Uint8Array {
  if (header === undefined) return looksLikeHeader(body) ? Buffer.concat([OPEN, OPEN, body]) : body;
  const text = stringify(header, {
    lineWidth: 0,
    blockQuote: false,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    doubleQuotedAsJSON: true,
  });
  return Buffer.concat([OPEN, Buffer.from(text), OPEN, body]);
}
