import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeCapture, sha256 } from '../../src/captures/file.ts';
import { readCaptures } from '../../src/captures/store.ts';
import { formatProblem } from '../../src/problem.ts';

let root: string;
const file = () => join(root, 'captures/v1/l1-x.txt');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'captures-'));
  mkdirSync(join(root, 'captures/v1'), { recursive: true });
  writeFileSync(file(), 'output\n');
});
afterEach(() => rmSync(root, { recursive: true }));

/** All that is wrong, in words. */
function complaints(): string {
  const { missing, problems } = readCaptures(root, ['v1/l1-x']);
  return [...missing, ...problems].map(formatProblem).join('\n');
}

test('a plain output is fine', () => {
  expect(complaints()).toBe('');
  expect(readCaptures(root, ['v1/l1-x']).captures.get('v1/l1-x')).toMatchObject({
    text: 'output\n',
    sha256: sha256(Buffer.from('output\n')),
  });
});

test('a run.yaml beside the captures is not an orphan', () => {
  writeFileSync(join(root, 'captures/v1/run.yaml'), '');
  expect(complaints()).toBe('');
});

test('a missing capture', () => {
  rmSync(file());
  expect(complaints()).toMatchInlineSnapshot(
    `"captures/v1/l1-x.txt: capture v1/l1-x: expected the output of this capture; found no such file. Run \`npm run capture\`, or put the output there, or remove the capture from layers.yaml."`,
  );
});

test('a file nobody names', () => {
  writeFileSync(join(root, 'captures/v1/l1-y.txt'), '');
  mkdirSync(join(root, 'captures/old'));
  writeFileSync(join(root, 'captures/old/z'), '');
  expect(complaints()).toMatchInlineSnapshot(`
    "captures/old/z: expected every file in captures/ to be named by layers.yaml; found a file no capture of the recipe names. Add a capture for it to layers.yaml, or delete the file.
    captures/v1/l1-y.txt: expected every file in captures/ to be named by layers.yaml; found a file no capture of the recipe names. Add a capture for it to layers.yaml, or delete the file."
  `);
});

test('a body that is not the one of the header', () => {
  writeFileSync(
    file(),
    encodeCapture({ header: { origin: 'recorded', sha256: sha256(Buffer.from('a')) }, body: Buffer.from('b') }),
  );
  expect(complaints()).toMatchInlineSnapshot(
    `"captures/v1/l1-x.txt:3: capture v1/l1-x: expected a body with the header's sha256 ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb; found 3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d. The output was changed after it was recorded: restore the file or record it again."`,
  );
});

test('a body of another length', () => {
  writeFileSync(file(), encodeCapture({ header: { origin: 'recorded', bytes: 2 }, body: Buffer.from('b') }));
  expect(complaints()).toMatchInlineSnapshot(
    `"captures/v1/l1-x.txt:3: capture v1/l1-x: expected a body of 2 bytes, as the header says; found 1 bytes. Restore the file or record it again."`,
  );
});

test('a header that cannot be read', () => {
  writeFileSync(file(), '---\norigin: nowhere\nextra: 1\n---\n');
  expect(complaints()).toMatchInlineSnapshot(`
    "captures/v1/l1-x.txt:2: capture v1/l1-x, header, key origin: expected one of published, recorded; found "nowhere". Correct the header, or record the capture again.
    captures/v1/l1-x.txt:3: capture v1/l1-x, header, key extra: expected a known key; found the unknown key "extra". Correct the header, or record the capture again."
  `);
});

test('a symbolic link', () => {
  rmSync(file());
  symlinkSync('/etc/hostname', file());
  expect(complaints()).toMatchInlineSnapshot(
    `"captures/v1/l1-x.txt: capture v1/l1-x: expected a regular file in regular folders; found a symbolic link. Replace the link by what it points to: captures may not lead out of captures/."`,
  );
});

test('a folder that is a symbolic link', () => {
  rmSync(join(root, 'captures/v1'), { recursive: true });
  mkdirSync(join(root, 'elsewhere'));
  writeFileSync(join(root, 'elsewhere/l1-x.txt'), 'output\n');
  symlinkSync(join(root, 'elsewhere'), join(root, 'captures/v1'));
  expect(complaints()).toMatchInlineSnapshot(`
    "captures/v1/l1-x.txt: capture v1/l1-x: expected a regular file in regular folders; found a symbolic link. Replace the link by what it points to: captures may not lead out of captures/.
    captures/v1: expected every file in captures/ to be named by layers.yaml; found a file no capture of the recipe names. Add a capture for it to layers.yaml, or delete the file."
  `);
});

test('a folder in place of the file', () => {
  rmSync(file());
  mkdirSync(file());
  expect(complaints()).toMatchInlineSnapshot(
    `"captures/v1/l1-x.txt: capture v1/l1-x: expected a regular file; found something else. Replace it by the output."`,
  );
});

test('a file over 64 MB', () => {
  truncateSync(file(), 64 * 1024 * 1024 + 1);
  expect(complaints()).toMatchInlineSnapshot(
    `"captures/v1/l1-x.txt: capture v1/l1-x: expected at most 67108864 bytes (64 MB); found 67108865 bytes. Narrow the command so that it prints less."`,
  );
});
