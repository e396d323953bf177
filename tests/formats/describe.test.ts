import { describe, expect, it } from 'vitest';
import { parseDescribe } from '../../src/formats/describe.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('describe');

describe('describe', () => {
  it('keeps every port of a Service apart', () => {
    const text =
      'Name:  a\nPort:  http  80/TCP\nEndpoints:  10.0.0.1:80 + 3 more...\nPort:  tls  443/TCP\nEndpoints:  <none>\n';
    const keys = parseDescribe(text).objects[0]?.map(({ key, values }) => [key.value, values[0]?.value]);
    expect(keys).toEqual([
      ['Name', 'a'],
      ['Port', 'http  80/TCP'],
      ['Endpoints', '10.0.0.1:80 + 3 more...'],
      ['Port', 'tls  443/TCP'],
      ['Endpoints', '<none>'],
    ]);
  });

  it('refuses nesting that no object has', () => {
    const text = Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}Name:`).join('\n');
    expect(refusal('describe', text)).toMatchInlineSnapshot(
      `"line 201: expected at most 200 levels of entries; found "Name:". If this is not the output of \`kubectl describe\`, correct \`format\` in layers.yaml; otherwise record it again."`,
    );
    expect(parseDescribe(`Name:  a\nList:\n  ${'- '.repeat(100_000)}`).objects).toHaveLength(1);
  });

  it('says what it cannot read', () => {
    expect(refusal('describe', '')).toMatchInlineSnapshot(
      `"line 1: expected \`Name:\` in the first line; found an empty output. If this is not the output of \`kubectl describe\`, correct \`format\` in layers.yaml; otherwise record it again."`,
    );
    expect(refusal('describe', 'Error from server (NotFound)\n')).toMatchInlineSnapshot(
      `"line 1: expected \`Name:\` in the first line; found "Error from server (NotFound)". If this is not the output of \`kubectl describe\`, correct \`format\` in layers.yaml; otherwise record it again."`,
    );
    expect(refusal('describe', 'Labels:  app=nginx\n')).toMatchInlineSnapshot(
      `"line 1: expected \`Name:\` in the first line; found "Labels:  app=nginx". If this is not the output of \`kubectl describe\`, correct \`format\` in layers.yaml; otherwise record it again."`,
    );
    expect(refusal('describe', 'Name:  a\nnot a key\n')).toMatchInlineSnapshot(
      `"line 2: expected \`Key: value\`, or a line further in than the key it belongs to; found "not a key". If this is not the output of \`kubectl describe\`, correct \`format\` in layers.yaml; otherwise record it again."`,
    );
    expect(
      refusal('describe', 'Name:  a\nEvents:\n  Type    Reason\n  ----    ------\n     x\n'),
    ).toMatchInlineSnapshot(
      `"line 5: expected every value under a heading of the table; found "x". If this is not the output of \`kubectl describe\`, correct \`format\` in layers.yaml; otherwise record it again."`,
    );
  });
});
