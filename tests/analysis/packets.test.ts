import { describe, expect, test } from 'vitest';
import { type PacketWalk, packetWalks } from '../../src/analysis/packets.ts';
import { roleValues } from '../../src/analysis/roles.ts';
import { parseOutput } from '../../src/formats/index.ts';
import { modelOf } from '../../src/model/model.ts';
import type { Subject } from '../../src/model/subject.ts';
import { published, publishedEverywhere } from './edited-outputs.ts';
import { subjectOf } from './subjects.ts';

const walks = (subjects: readonly Subject[]) => packetWalks(modelOf(subjects), roleValues(modelOf(subjects)));
/** Each packet with its ends on both sides, one line each. */
const told = (all: readonly PacketWalk[]): string[] =>
  all.map(({ label, rules: { packet, walk }, services }) => {
    const ends = walk.outcomes.map(({ verdict, target }) => target ?? verdict).sort();
    const row = services?.lookup.frontend?.name.replace(/\/.*/, '');
    const backends = services?.lookup.backends.map(({ ip }) => ip.value) ?? [];
    const other = services
      ? `${services.packet.to}:${services.packet.port} ${row ? `${row} ${backends}` : 'no row'}`
      : 'none';
    return `${label}: ${packet.from} → ${packet.to}:${packet.port}/${packet.protocol} ${ends} | ${other}`;
  });

test('the packets worth following, from what the captures hold', () => {
  expect(told(walks(published()))).toMatchInlineSnapshot(`
    [
      "outside → VIP: 203.0.113.7 → 136.64.249.50:80/tcp 10.20.0.8:80,10.20.0.9:80,10.20.1.13:80 | 34.72.78.182:80 34.72.78.182:80 10.20.0.15,10.20.1.9,10.20.1.10",
      "pod → ClusterIP: 10.20.1.10 → 10.24.9.186:80/tcp 10.20.0.8:80,10.20.0.9:80,10.20.1.13:80 | 10.24.8.39:80 10.24.8.39:80 10.20.0.15,10.20.1.9,10.20.1.10",
      "outside → NodePort: 203.0.113.7 → 192.0.2.10:31057/tcp 10.20.0.8:80,10.20.0.9:80,10.20.1.13:80 | 192.0.2.10:30574 0.0.0.0:30574 10.20.0.15,10.20.1.9,10.20.1.10",
      "pod → an address of no Service: 10.20.1.10 → 198.51.100.1:80/tcp NONE | 198.51.100.1:80 no row",
    ]
  `);
});

test('what was not captured says so, and comes from the ranges for documentation (RFC 5737)', () => {
  const example = /^(192\.0\.2|198\.51\.100|203\.0\.113)\./;
  const texts = published().map(({ text }) => text);
  for (const { label, notes, rules, services } of walks(published())) {
    for (const packet of [rules.packet, ...(services ? [services.packet] : [])]) {
      for (const address of [packet.from, packet.to]) {
        const captured = texts.some((text) => text.includes(address));
        expect(captured !== example.test(address), `${label}: ${address}`).toBe(true);
        if (example.test(address)) expect(notes.join(' '), label).toContain(address);
      }
    }
  }
});

test('a pod that asks is no backend of the Service, and on the network of the rules', () => {
  const values = roleValues(modelOf(published())).filter(({ role }) => role === 'pod-ip');
  const backends = (of: string) => values.flatMap(({ side, value }) => (side === of ? [value] : []));
  const pods = walks(published()).filter(({ label }) => label.startsWith('pod'));
  expect(pods.length).toBe(2);
  for (const { rules, services } of pods) {
    expect(backends('v1')).not.toContain(rules.packet.from);
    expect(backends('v2')).not.toContain(services?.packet.from);
    expect(rules.walk.outcomes.every(({ masquerade }) => masquerade !== true)).toBe(true);
  }
});

test('a row for no address stands for an entry of each node address', () => {
  const notes = walks(published()).flatMap(({ label, notes: all }) =>
    all.filter((note) => note.includes('0.0.0.0')).map((note) => `${label}: ${note}`),
  );
  expect(notes).toEqual([
    'outside → NodePort: The row 0.0.0.0:30574/TCP stands for an entry of each node address, which the list leaves out.',
  ]);
});

describe('nothing depends on the published values', () => {
  const changes: Record<string, [string, string][]> = {
    'other pod addresses': [['10.20.', '10.77.']],
    'other Service addresses': [
      ['10.24.', '10.99.'],
      ['136.64.249.50', '136.64.1.2'],
      ['34.72.78.182', '34.1.2.3'],
    ],
    'other ports': [
      ['31057', '32001'],
      ['30574', '32002'],
    ],
  };
  test.each(Object.entries(changes))('%s', (_name, pairs) => {
    const change = (text: string) => pairs.reduce((all, [from, to]) => all.replaceAll(from, to), text);
    const expected = told(walks(published())).map(change);
    expect(told(walks(publishedEverywhere(change)))).toEqual(expected);
    expect(expected).not.toEqual(told(walks(published())));
  });
  test('the sides may be exchanged', () => {
    const swapped = published().map((subject): Subject => {
      const side = subject.side === 'v1' ? 'v2' : 'v1';
      return { ...subject, side, key: subject.key.replace(subject.side, side) };
    });
    expect(told(walks(swapped))).toEqual(told(walks(published())));
    expect(walks(swapped)[0]?.rules.capture).toBe('v2/l4-iptables-nat');
  });
});

describe('where something is missing', () => {
  const without = (missing: RegExp) => published().filter(({ key }) => !missing.test(key));
  test('without rules there is nothing to walk through', () => {
    expect(walks(without(/v1\/l4/))).toEqual([]);
    expect(walks([])).toEqual([]);
  });
  test('without the addresses of the Service neither', () => {
    expect(packetWalks(modelOf(published()), [])).toEqual([]);
    const values = roleValues(modelOf(published()));
    expect(
      packetWalks(
        modelOf(published()),
        values.filter(({ role }) => role !== 'cluster-ip'),
      ),
    ).toEqual([]);
    expect(
      packetWalks(
        modelOf(published()),
        values.filter(({ side }) => side === 'v2'),
      ),
    ).toEqual([]);
  });
  test('an address that is not known gives no packet', () => {
    const values = roleValues(modelOf(published()));
    const labels = (role: string) =>
      packetWalks(
        modelOf(published()),
        values.filter((value) => value.role !== role),
      ).map(({ label }) => label);
    expect(labels('vip')).not.toContain('outside → VIP');
    expect(labels('node-port')).not.toContain('outside → NodePort');
    expect(labels('node-port')).toContain('outside → VIP');
  });
  test('without a service list the other side is left open', () => {
    const all = walks(without(/v2\/l4/));
    expect(all.length).toBe(walks(published()).length);
    expect(all.every(({ services }) => services === undefined)).toBe(true);
  });
  test('rules without another pod are asked by an address of their network, or by an example', () => {
    const rest = published().map((subject) => {
      if (subject.key !== 'v1/l4-iptables-nat') return subject;
      const text = subject.text.replaceAll(/^-A KUBE-SEP-\S+ (?!.*netflow-test\/nginx).*\n/gm, '');
      return { ...subject, text, parsed: parseOutput('iptables-save', text) };
    });
    const first = walks(rest).find(({ label }) => label.startsWith('pod'));
    expect(first?.rules.packet.from).toBe('10.20.1.254');
    expect(first?.notes).toEqual([
      "10.20.1.254 stands for a pod: an address of the pods' network, not a captured one.",
    ]);
    expect(first?.rules.walk.outcomes.every(({ masquerade }) => masquerade === false)).toBe(true);
    const unknown = rest.map((subject) => {
      if (subject.key !== 'v1/l4-iptables-nat') return subject;
      const text = subject.text.replace(/ ! -s \S+/g, '');
      return { ...subject, text, parsed: parseOutput('iptables-save', text) };
    });
    expect(walks(unknown).find(({ label }) => label.startsWith('pod'))).toMatchObject({
      rules: { packet: { from: '203.0.113.7' } },
      notes: ['203.0.113.7 stands for a pod: an example address, not a captured one.'],
    });
  });
});

describe('where sockets of pods are translated', () => {
  const status = (socket: string) =>
    subjectOf(
      'v2/l4-cilium-status',
      'cilium-status',
      `KVStore: Disabled\nKubeProxyReplacement Details:\n  Socket LB:   ${socket}\n`,
    );
  const notes = (...more: Subject[]) => {
    return walks([...published(), ...more]).flatMap(({ label, notes }) =>
      notes.filter((note) => note.includes('translated')).map((note) => `${label}: ${note}`),
    );
  };
  test('the walk of a pod to the ClusterIP says that the other side sends no such packet', () => {
    expect(notes(status('Enabled\n  Socket LB Coverage:   Full'))).toEqual([
      'pod → ClusterIP: On V2 a pod sends no such packet: by v2/l4-cilium-status, its connection is translated when it is opened.',
    ]);
  });
  test('and says nothing where pods are left out, where it is off, and where that is not recorded', () => {
    for (const more of [
      [status('Enabled\n  Socket LB Coverage:   Hostns-only')],
      [status('Enabled')],
      [status('Disabled')],
      [],
    ])
      expect(notes(...more)).toEqual([]);
  });
});
