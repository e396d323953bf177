import { describe, expect, it } from 'vitest';
import { MAX_YAML, parseYaml } from '../../src/formats/yaml.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('yaml', { blanks: false });

describe('yaml', () => {
  it('tells what a scalar stands for from what is written', () => {
    const { documents } = parseYaml("a: '80'\nb: 80\nc: true\nd:\n");
    expect(documents[0]).toMatchObject({
      entries: [
        { value: { at: { value: '80', start: 4 }, data: '80' } },
        { value: { at: { value: '80', start: 11 }, data: 80 } },
        { value: { data: true } },
        { value: { at: { value: '' }, data: null } },
      ],
    });
  });

  it('refuses what would exhaust it', () => {
    const blocks = Array.from({ length: 1500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
    for (const text of [
      '['.repeat(2_000_000),
      '{a: '.repeat(100_000),
      '- '.repeat(20_000),
      '? '.repeat(20_000),
      blocks,
    ]) {
      expect(refusal('yaml', text)).toMatch(/^line \d+: expected at most 200 levels of nesting; found more\./);
    }
    expect(refusal('yaml', 'a'.repeat(MAX_YAML + 1))).toMatchInlineSnapshot(
      `"line 1: expected YAML of at most 4194304 characters; found 4194305. Record it again with \`-o yaml\`, or correct \`format\` in layers.yaml."`,
    );
  });

  it('says what it cannot read', () => {
    expect(refusal('yaml', '')).toMatchInlineSnapshot(
      `"line 1: expected a YAML document; found an empty output. Record it again with \`-o yaml\`, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('yaml', 'a: 1\n b: 2\n')).toMatchInlineSnapshot(
      `"line 1: expected valid YAML; found "Nested mappings are not allowed in compact mappings". Record it again with \`-o yaml\`, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('yaml', 'a: 1\nb: 2\na: 3\n')).toMatchInlineSnapshot(
      `"line 3: expected each key once; found "a" again. Record it again with \`-o yaml\`, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('yaml', 'a: &x 1\nb: *x\n')).toMatchInlineSnapshot(
      `"line 2: expected values written out; found the alias *x. Record it again with \`-o yaml\`, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('yaml', '? [a]\n: 1\n')).toMatchInlineSnapshot(
      `"line 1: expected a plain word as key; found a collection or nothing. Record it again with \`-o yaml\`, or correct \`format\` in layers.yaml."`,
    );
  });
});
