import { describe, expect, it } from 'vitest';
import { checkFormat, refusal } from './support.ts';

checkFormat('key-value');

describe('key-value', () => {
  it('says what it cannot read', () => {
    expect(refusal('key-value', '\n')).toMatchInlineSnapshot(
      `"line 1: expected \`Key: value\`; found an empty output. Print each value as \`Key: value\`, a list below a \`Key:\`, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('key-value', 'NodePort: 31057\nnot a pair\n')).toMatchInlineSnapshot(
      `"line 2: expected \`Key: value\`, a list entry below a \`Key:\`, or a bare value; found "not a pair". Print each value as \`Key: value\`, a list below a \`Key:\`, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('key-value', 'Nodes:\nnode/a\n\nhello\n')).toMatchInlineSnapshot(
      `"line 4: expected \`Key: value\`, a list entry below a \`Key:\`, or a bare value; found "hello". Print each value as \`Key: value\`, a list below a \`Key:\`, or correct \`format\` in layers.yaml."`,
    );
  });
});
