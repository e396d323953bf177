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

  it('keeps two columns of one name apart', () => {
    const { tables } = parseKubectlTable('NAME   IP         IP\nweb    10.0.0.1   fd00::1\n');
    expect(tables[0]?.rows[0]?.cells.map(({ value }) => value)).toEqual(['web', '10.0.0.1', 'fd00::1']);
  });

  it('never makes one cell of two values', () => {
    const cells = (text: string) => parseKubectlTable(text).tables[0]?.rows[0]?.cells.map(({ value }) => value);
    // Two blanks instead of the column's width: as many values as headings, so that their order says what they are.
    expect(cells('NAME        STATUS   AGE\nweb   Ready     5m\n')).toEqual(['web', 'Ready', '5m']);
    expect(cells('NAME      AGE\nnginx  5m\n')).toEqual(['nginx', '5m']);
    // Two blanks inside a value: the next value stands under its heading.
    expect(cells('COMMAND        AGE\nsleep  10000   5m\n')).toEqual(['sleep  10000', '5m']);
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
    expect(refusal('kubectl-table', 'Name   Name\na      b\n')).toMatchInlineSnapshot(
      `"line 1: expected the headings of a table, such as NAME and AGE; found "Name   Name". If the command has \`--no-headers\` or another output format, record it without, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('kubectl-table', 'NAME STATUS   AGE\nweb Ready     5m\n')).toMatchInlineSnapshot(
      `"line 1: expected headings at least two blanks apart; found "NAME STATUS   AGE". The columns were moved after the tool had printed them, so that nobody can say which value is whose: record it again."`,
    );
    expect(refusal('kubectl-table', 'NAME        ROLE   AGE\nweb   worker\n')).toMatchInlineSnapshot(
      `"line 2: expected every value under a heading; found "web   worker". The columns were moved after the tool had printed them, so that nobody can say which value is whose: record it again."`,
    );
    expect(refusal('kubectl-table', 'NAME   AGE\nweb    5m   left over\n')).toMatchInlineSnapshot(
      `"line 2: expected every value under a heading; found "web    5m   left over". The columns were moved after the tool had printed them, so that nobody can say which value is whose: record it again."`,
    );
    expect(
      refusal('kubectl-table', 'NAME    TYPE        AGE\nnginx   ClusterIP   5m\n           ClusterIP\n'),
    ).toMatchInlineSnapshot(
      `"line 3: expected every value under a heading; found "ClusterIP". The columns were moved after the tool had printed them, so that nobody can say which value is whose: record it again."`,
    );
  });
});
