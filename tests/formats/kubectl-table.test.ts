import { describe, expect, it } from 'vitest';
import { parseKubectlTable } from '../../src/formats/kubectl-table.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('kubectl-table');

describe('kubectl-table', () => {
  it('gives an empty value for an empty cell, at its place', () => {
    const { tables } = parseKubectlTable('NAME   ZONE   ROLE\na             worker\nb      z\n');
    expect(tables[0]?.rows.map(({ cells }) => cells.map(({ value }) => value))).toEqual([
      ['a', '', 'worker'],
      ['b', 'z', ''],
    ]);
    expect(tables[0]?.rows[0]?.cells[1]).toEqual({ value: '', start: 20, end: 20 });
  });

  it('reads one table after the other', () => {
    const { tables } = parseKubectlTable('NAME   AGE\npod/a   1s\n\n\nNAME   TYPE   AGE\nservice/a   ClusterIP   1s\n');
    expect(tables.map(({ headings, rows }) => [headings.length, rows.length])).toEqual([
      [2, 1],
      [3, 1],
    ]);
  });

  it('says what it cannot read', () => {
    expect(refusal('kubectl-table', '')).toMatchInlineSnapshot(
      `"line 1: expected the headings of a table, such as NAME and AGE; found an empty output. Record it again: without objects kubectl says so on standard error only."`,
    );
    expect(refusal('kubectl-table', 'nginx   ClusterIP   10.0.0.1   50m\n')).toMatchInlineSnapshot(
      `"line 1: expected the headings of a table, such as NAME and AGE; found "nginx   ClusterIP   10.0.0.1   50m". If the command has \`--no-headers\` or another output format, record it without, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('kubectl-table', 'NAME   NAME\na      b\n')).toMatchInlineSnapshot(
      `"line 1: expected the headings of a table, such as NAME and AGE; found "NAME   NAME". If the command has \`--no-headers\` or another output format, record it without, or correct \`format\` in layers.yaml."`,
    );
    expect(
      refusal('kubectl-table', 'NAME    TYPE        AGE\nnginx   ClusterIP   5m\n           ClusterIP\n'),
    ).toMatchInlineSnapshot(
      `"line 3: expected every value under a heading; found "ClusterIP". If the command has \`--no-headers\` or another output format, record it without, or correct \`format\` in layers.yaml."`,
    );
  });
});
