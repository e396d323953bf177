import { expect, test } from 'vitest';
import { Output } from '../../scripts/capture/output.ts';
import { Redactor } from '../../scripts/capture/redact.ts';
import type { Field } from '../../src/formats/field.ts';
import { type FormatId, fieldsOf, formatIds, parseOutput } from '../../src/formats/index.ts';
import { texts } from '../analysis/committed.ts';
import { fixturesOf } from './support.ts';

/** As the recorder writes an output of which every address is a client's. */
async function redacted(text: string): Promise<string> {
  const rules = [{ rule: 'client-address', find: 'public-address' as const, role: 'client' }];
  return (await new Redactor(rules).body(Output.of(text))).result.text();
}

/** Private addresses as public ones of the same length, so that the redaction meets every place of an address. */
const published = (text: string) =>
  text
    .replace(/(?<![\d.])10(?=(?:\.\d{1,3}){3}(?![\d.]))/g, '34')
    .replace(/\bfd00:/g, '2a00:')
    .replace(/(?<=\b[0-9A-F]{6})0A(?=:[0-9A-F]{4} )/g, '22')
    .replace(/\bB80D0120(?=[0-9A-F]{24}:)/g, '0000002A');

const fields = (format: FormatId, text: string): Field[] => fieldsOf(parseOutput(format, text));

/** Where nothing but the shape of an address says that it is one: sentences, keys of any name, bare values. */
const BY_SHAPE_ALONE =
  /^(?:plain|cilium-status|key-value (?:equals|jsonpath-items)|describe (?:pod|two-ports)|yaml documents|kubectl-table events)/;

const rules = texts.get('v1/l4-iptables-nat') ?? '';
const cases: { format: FormatId; name: string; text: string }[] = [
  ...formatIds.flatMap((format) => fixturesOf(format).map(({ name, text }) => ({ format, name, text }))),
  { format: 'iptables-save', name: 'v1/l4-iptables-nat', text: rules },
];

test.each(cases)(
  '$format $name is read with its addresses redacted, as it is with them',
  async ({ format, name, text }) => {
    const before = published(text);
    const after = await redacted(before);
    const [one, other] = [fields(format, before), fields(format, after)];
    if (after === before || BY_SHAPE_ALONE.test(`${format} ${name}`)) {
      expect(other.length > 0 || one.length === 0).toBe(true);
      return;
    }
    expect(other.map(({ kind }) => kind)).toEqual(one.map(({ kind }) => kind));
    for (const [index, { kind, value }] of other.entries()) {
      if (value.includes('client-') && value !== one[index]?.value) expect(['ip', 'prefix']).toContain(kind);
    }
  },
);

test('the redaction meets addresses in fixtures of nearly every format', async () => {
  const met = new Set<FormatId>();
  for (const { format, text } of cases) {
    if ((await redacted(published(text))).includes('client-1')) met.add(format);
  }
  expect([...met].sort()).toEqual(
    formatIds.filter((id) => !['hubble-status', 'bpftool-prog', 'bpftool-net'].includes(id)).sort(),
  );
});

test('a name that looks like a redacted address stays a name where names stand', () => {
  const table = fields('kubectl-table', 'NAME       IP         NODE\nclient-1   client-2   node-3\n');
  expect(table.map(({ kind, value }) => `${kind} ${value}`)).toEqual(['name client-1', 'ip client-2', 'node node-3']);
});
