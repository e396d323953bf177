import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { consistencyChecks } from '../../../src/analysis/checks.ts';
import { factsOf } from '../../../src/analysis/drift/facts.ts';
import type { Check } from '../../../src/analysis/types.ts';
import { parseOutput } from '../../../src/formats/index.ts';
import { FormatError } from '../../../src/formats/types.ts';
import { modelOf } from '../../../src/model/model.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { published, publishedEverywhere } from '../edited-outputs.ts';

const find = (checks: Check[], id: string) => checks.find((check) => check.id === id) as Check;
const statuses = (subjects: Subject[]) =>
  consistencyChecks(modelOf(subjects)).map(({ id, status }) => `${status} ${id}`);

describe('nothing depends on the published values', () => {
  const before = statuses(published());
  const everywhere: Record<string, (text: string) => string> = {
    'other pod addresses': (text) => text.replaceAll('10.20.', '10.77.'),
    'other virtual addresses': (text) =>
      text.replaceAll('136.64.249.50', '198.51.100.7').replaceAll('34.72.78.182', '203.0.113.9'),
    'another Service': (text) => text.replaceAll('netflow-test', 'shop').replaceAll(/nginx(?=["/: \n]|$)/gm, 'cart1'),
    'other identities': (text) =>
      text.replaceAll('18565', '41234').replaceAll('51014', '1111').replaceAll('6385', '70001'),
    'other hashes': (text) =>
      text.replaceAll('bb6b8c496', '7d4f9bcd58').replaceAll('P2CJC57QC736K2NH', 'AAAAAAAAAAAAAAAA'),
    'other node ports': (text) => text.replaceAll('31057', '32001').replaceAll('30574', '32002'),
  };
  test.each(Object.entries(everywhere))('%s', (_name, replace) => {
    expect(statuses(publishedEverywhere(replace))).toEqual(before);
  });
  test('the order of endpoints means nothing', () => {
    expect(
      statuses(
        published(
          ['v1/l3-endpoints', '10.20.0.8:80,10.20.0.9:80,10.20.1.13:80', '10.20.1.13:80,10.20.0.9:80,10.20.0.8:80'],
          ['v2/l8-hubble-drop', /^(.*\n)(.*\n)/, '$2$1'],
        ),
      ),
    ).toEqual(before);
  });
});

describe('other forms of the same outputs', () => {
  const instead = (key: string, text: string, parsed: Subject['parsed']): Subject[] =>
    published().map((subject) => (subject.key === key ? { ...subject, text, parsed } : subject));
  test('a list that kubectl cut short is compared as far as it goes', () => {
    const cut = published([
      'v1/l3-endpoints',
      /10\.20\.0\.8:80,.*? {2,}/,
      '10.20.0.8:80 + 2 more...                  ',
    ]);
    expect(find(consistencyChecks(modelOf(cut)), 'v1/endpoints-agree').status).toBe('holds');
    const wrong = published([
      'v1/l3-endpoints',
      /10\.20\.0\.8:80,.*? {2,}/,
      '10.20.0.8:80 + 3 more...                  ',
    ]);
    expect(find(consistencyChecks(modelOf(wrong)), 'v1/endpoints-agree').status).toBe('broken');
  });
  test('the map itself (cilium-dbg bpf lb list) is checked like the view of the agent', () => {
    const entry = (address: string, slot: number, backend: string, flags = '') =>
      `${`${address} (${slot})`.padEnd(29)} ${backend} (20) (${slot})${flags}`;
    const table = (backends: string[]) =>
      [
        'SERVICE ADDRESS               BACKEND ADDRESS (REVNAT_ID) (SLOT)',
        ...['10.24.8.39:80/TCP', '34.72.78.182:80/TCP', '0.0.0.0:30574/TCP'].flatMap((address) => [
          entry(address, 0, '0.0.0.0:0', ' [ClusterIP, non-routable]'),
          ...backends.map((backend, index) => entry(address, index + 1, `${backend}:80/TCP`)),
        ]),
        '',
      ].join('\n');
    const checks = (backends: string[]) => {
      const text = table(backends);
      return consistencyChecks(
        modelOf(instead('v2/l4-ebpf-service-map', text, parseOutput('cilium-bpf-lb-list', text))),
      );
    };
    const all = ['10.20.0.15', '10.20.1.9', '10.20.1.10'];
    expect(find(checks(all), 'v2/backends')).toMatchObject({ status: 'holds' });
    expect(find(checks(all), 'v2/vip')).toMatchObject({ status: 'holds' });
    expect(find(checks(all.slice(1)), 'v2/backends')).toMatchObject({ status: 'broken' });
  });
});

test('damaged outputs are judged without an exception as long as they can be read', () => {
  const all = published();
  const damage = fc.record({
    target: fc.constantFrom(...all.map(({ key }) => key)),
    line: fc.nat(),
    how: fc.constantFrom('remove', 'double', 'digit', 'cut'),
  });
  let readable = 0;
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 5 }), (damages) => {
      const subjects = [...all];
      for (const { target, line, how } of damages) {
        const index = subjects.findIndex(({ key }) => key === target);
        const subject = subjects[index] as Subject;
        const lines = subject.text.split('\n');
        const at = line % lines.length;
        const old = lines[at] ?? '';
        const fresh = {
          remove: [],
          double: [old, old],
          digit: [old.replace(/\d/, '7')],
          cut: [old.slice(0, old.length / 2)],
        };
        lines.splice(at, 1, ...fresh[how]);
        try {
          const text = lines.join('\n');
          const parsed = parseOutput(subject.parsed.format, text);
          subjects[index] = { ...subject, text, parsed };
          readable++;
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }
      consistencyChecks(modelOf(subjects));
      factsOf(modelOf(subjects).sides.v1);
      factsOf(modelOf(subjects).sides.v2);
    }),
    { numRuns: 500 },
  );
  expect(readable).toBeGreaterThan(500);
});

test('any part of the outputs is judged without an exception, and lacking outputs make no contradiction', () => {
  const all = published();
  fc.assert(
    fc.property(fc.subarray(all.map(({ key }) => key)), (keys) => {
      const some = all.filter(({ key }) => keys.includes(key));
      const wrong = consistencyChecks(modelOf(some)).filter(({ status }) => status === 'broken');
      // Without L5 and L6 nothing shows that the pods were recreated.
      expect(wrong.map(({ id }) => id).filter((id) => id !== 'v2/running-pods')).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
