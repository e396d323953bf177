import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bodyText, type CaptureFile, decodeCapture, encodeCapture, sha256 } from '../../src/captures/file.ts';
import type { CaptureHeader } from '../../src/captures/header.ts';
import { ProblemsError } from '../../src/problem.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

function roundTrip(file: CaptureFile): CaptureFile {
  return decodeCapture(encodeCapture(file), 'captures/v1/l1-x.txt');
}

function messageOf(text: string): string {
  try {
    decodeCapture(bytes(text), 'captures/v1/l1-x.txt');
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

/** Bodies that have tripped readers of front matter before, then anything at all. */
const body = fc.oneof(
  fc
    .constantFrom(
      '',
      '\n',
      '\r\n',
      '---\n',
      '---',
      '---\n---\n',
      '---\r\n',
      '---js\n',
      '\n---\n',
      '\uFEFF',
      'a\tb',
      'a\0b',
    )
    .map(bytes),
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom('---\n', '\n---\n', '---\r\n', '\u00ef\u00bb\u00bf---\n', '\u00ef\u00bb\u00bf'),
      fc.uint8Array({ maxLength: 100 }),
    )
    .map(([start, rest]) => Buffer.concat([bytes(start), rest])),
);

/** Any text YAML can carry, line ends, quotes and `---` lines included. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom('\n---\n', '---', 'it\'s "quoted"', 'a: b # c', '012', '12:30', 'null', ' x ', '\r\n\t', '{{ x }}'),
);

const header: fc.Arbitrary<CaptureHeader> = fc.record(
  {
    origin: fc.constantFrom('published', 'recorded'),
    command: text,
    where: text,
    when: fc.constantFrom('2026-07-01', '2026-07-01T17:12:03.120Z'),
    durationMs: fc.nat(),
    exitCode: fc.nat(255),
    stderr: text,
    bytes: fc.nat(),
    sha256: fc.constant('0'.repeat(60).concat('12e4')),
    run: text,
    redactions: fc.array(fc.record({ rule: text, count: fc.nat() }), { maxLength: 3 }),
  },
  { requiredKeys: ['origin'] },
);

describe('round trip', () => {
  test('any body and any header come back as they were', () => {
    fc.assert(
      fc.property(fc.option(header, { nil: undefined }), body, (head, content) => {
        const back = roundTrip({ header: head, body: content });
        expect(back.header).toEqual(head);
        expect(same(back.body, content)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a plain output without a header is kept as it is', () => {
    const plain = bytes('NAME  AGE\r\nnginx 5m');
    expect(same(encodeCapture({ header: undefined, body: plain }), plain)).toBe(true);
    expect(decodeCapture(plain, 'x')).toEqual({ header: undefined, body: plain });
  });

  test('10 MB', () => {
    const large = Buffer.alloc(10 * 1024 * 1024, '---\n\u001b[31mred\u001b[0m\t\0\r\n');
    const back = roundTrip({ header: { origin: 'recorded', command: 'x' }, body: large });
    expect(sha256(back.body)).toBe(sha256(large));
  });
});

describe('bodyText', () => {
  test('keeps a byte order mark and shows what is not UTF-8 as U+FFFD', () => {
    expect(bodyText(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x0d, 0x0a]))).toBe('\uFEFFa\uFFFD\r\n');
  });
});

describe('refusals', () => {
  test('a header that is not closed', () => {
    expect(messageOf('---\norigin: published\n')).toMatchInlineSnapshot(
      `"captures/v1/l1-x.txt:1: header: expected a second \`---\` line that closes the header; found none. Close the header; if the file is a plain output that starts with \`---\`, put an empty header (\`---\` twice) above it."`,
    );
  });
  test('a header that is not YAML', () => {
    expect(messageOf('---\norigin: published\ncommand: [x\n---\n')).toMatchInlineSnapshot(
      `"captures/v1/l1-x.txt:1: header: expected YAML between the two \`---\` lines; found "Flow sequence in block collection must be sufficiently indented and end with a ]". Correct the header, or delete it up to and including the second \`---\` to keep the output alone."`,
    );
  });
  test('a header that is a list', () => {
    expect(messageOf('---\n- origin\n---\n')).toMatchInlineSnapshot(
      `"captures/v1/l1-x.txt:1: header: expected a mapping of keys to values; found a list of 1. Correct the header, or record the capture again."`,
    );
  });
  test('every wrong key at once', () => {
    expect(
      messageOf('---\norigin: somewhere\nexitCode: -1\ncolour: red\nwhen: yesterday\n---\n'),
    ).toMatchInlineSnapshot(`
      "captures/v1/l1-x.txt:2: header, key origin: expected one of published, recorded; found "somewhere". Correct the header, or record the capture again.
      captures/v1/l1-x.txt:5: header, key when: expected a UTC date or time such as 2026-07-01 or 2026-07-01T17:12:03.120Z; found "yesterday". Correct the header, or record the capture again.
      captures/v1/l1-x.txt:3: header, key exitCode: expected a whole number; found "-1". Correct the header, or record the capture again.
      captures/v1/l1-x.txt:4: header, key colour: expected a known key; found the unknown key "colour". Correct the header, or record the capture again."
    `);
  });
  test('line ends changed by an editor or by git', () => {
    expect(messageOf('---\r\norigin: published\r\n---\r\n')).toMatchInlineSnapshot(
      `"captures/v1/l1-x.txt:1: header: expected the header to open with \`---\` and a line feed; found a carriage return after it. An editor or git changed the file: restore it, and keep \`captures/** -text\` in .gitattributes."`,
    );
  });
  test('a byte order mark before the header', () => {
    expect(messageOf('\u00ef\u00bb\u00bf---\norigin: published\n---\n')).toMatchInlineSnapshot(
      `"captures/v1/l1-x.txt:1: header: expected the header to open with \`---\` and a line feed; found a byte order mark before it. An editor or git changed the file: restore it, and keep \`captures/** -text\` in .gitattributes."`,
    );
  });
  test('an alias', () => {
    expect(messageOf('---\norigin: &a published\ncommand: *a\n---\n')).toMatchInlineSnapshot(
      `"captures/v1/l1-x.txt:1: header: expected YAML between the two \`---\` lines; found "Alias resolution is disabled". Correct the header, or delete it up to and including the second \`---\` to keep the output alone."`,
    );
  });
  test('JavaScript front matter is text of the output, and is not evaluated', () => {
    const file = bytes('---js\n{ origin: process.exit(3) }\n---\n');
    expect(decodeCapture(file, 'x')).toEqual({ header: undefined, body: file });
  });
});
