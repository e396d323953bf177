import { expect, test } from 'vitest';
import { Output } from '../../scripts/capture/output.ts';
import { Redactor } from '../../scripts/capture/redact.ts';
import { compareAll } from '../../src/analysis/compare.ts';
import { packetWalks } from '../../src/analysis/packets.ts';
import { lookupService } from '../../src/analysis/service-lookup.ts';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { flowsOf } from '../../src/model/connections.ts';
import { modelOf } from '../../src/model/model.ts';
import { walk, walkable } from '../../src/netfilter/walk.ts';
import { recipe, subjectsOf, texts } from './committed.ts';

/** The committed outputs as the recorder would have written them: only the Service's own public addresses stand. */
const redactor = new Redactor(
  [{ rule: 'client-address', find: 'public-address', role: 'client' }],
  ['136.64.249.50', '34.72.78.182'],
);
const outputs = new Map<string, string>();
for (const [key, text] of texts) outputs.set(key, (await redactor.body(Output.of(text))).result.text());
const subjects = subjectsOf(outputs);
const { values, layers } = compareAll(modelOf(subjects), recipe.layers);

test('what stands in place of the address of a flow from `world` is the client', () => {
  expect(outputs.get('v2/l7-hubble-observe')).toMatch(/: client-\d:\d+ \(world\) -> /);
  const client = values.filter(({ role }) => role === 'client-ip');
  expect(client.map(({ value }) => value)).toEqual([expect.stringMatching(/^client-\d$/)]);
  expect(client[0]?.occurrences.length).toBeGreaterThan(1);
  const { main } = flowsOf(modelOf(subjects));
  const world = main.captured ? main.connections.filter(({ source }) => source.identity === 'world') : [];
  expect(world.map(({ source }) => source.host)).toEqual([client[0]?.value]);
});

test('verdicts are those of the outputs with their addresses', () => {
  const verdicts = (all: typeof layers) => all.map(({ layer, verdict }) => `${layer} ${verdict}`);
  expect(verdicts(layers)).toEqual(verdicts(compareAll(modelOf(subjectsOf(texts)), recipe.layers).layers));
});

test('rules and rows of other Services with redacted addresses are passed, and the walk says what it takes for granted', () => {
  const other = [
    '-A KUBE-SERVICES -d client-7/32 -p tcp -m comment --comment "shop/web loadbalancer IP" -m tcp --dport 80 -j KUBE-EXT-AAAAAAAAAAAAAAAA',
    '-A KUBE-SEP-AAAAAAAAAAAAAAAA -s client-8/32 -m comment --comment "default/kubernetes:https" -j KUBE-MARK-MASQ',
    '',
  ].join('\n');
  const nat = outputs.get('v1/l4-iptables-nat') ?? '';
  const row = '98   client-7:80/TCP        LoadBalancer    1 => client-8:443/TCP (active)   \n';
  const map = 'v2/l4-ebpf-service-map';
  const more = subjectsOf(
    new Map(outputs)
      .set('v1/l4-iptables-nat', nat.replace('-A KUBE-SERVICES', `${other}-A KUBE-SERVICES`))
      .set(map, (outputs.get(map) ?? '').replace(/^(ID .*\n)/, `$1${row}`)),
  );
  const [before, after] = [subjects, more].map((all) => packetWalks(modelOf(all), values));
  const ends = (walks: typeof before) => walks?.map(({ rules }) => rules.walk.outcomes);
  expect(before).toHaveLength(4);
  expect(ends(after)).toEqual(ends(before));
  expect(after?.map(({ services }) => services?.lookup.frontend?.name)).toEqual(
    before?.map(({ services }) => services?.lookup.frontend?.name),
  );
  const note = 'An address that was replaced before recording is taken to be none of this packet’s.';
  expect(after?.[1]?.rules.walk.assumptions).toContain(note);
  expect(before?.[1]?.rules.walk.assumptions).not.toContain(note);
});

test('a packet is followed to a redacted endpoint', () => {
  const rules = parseIptablesSave(
    [
      '*nat',
      ':PREROUTING ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      '-A PREROUTING -d 10.24.0.1/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination client-1:443',
      '-A POSTROUTING ! -d 10.0.0.0/8 -j MASQUERADE',
      'COMMIT',
      '',
    ].join('\n'),
  );
  const packet = { from: '10.20.0.9', to: '10.24.0.1', port: 443, protocol: 'tcp', entry: 'prerouting' } as const;
  expect(walk(walkable(rules), { ...packet, localAddresses: [] }).outcomes).toMatchObject([
    { verdict: 'DNAT', target: 'client-1:443', probability: 1, masquerade: true },
  ]);
});

test('no packet goes to a redacted row', () => {
  const key = 'v2/l4-ebpf-service-map';
  const text = (outputs.get(key) ?? '').replace(/(?<=^1 +)10\.24\.\S+(?=:)/m, 'client-1');
  const list = modelOf(subjectsOf(new Map(outputs).set(key, text))).sides.v2.dataplane[0]?.frontends ?? [];
  const row = list.find(({ address }) => address?.value === 'client-1');
  if (!row) throw new Error('no redacted row');
  const packet = { from: '10.20.0.9', to: '0.0.0.0', protocol: 'tcp', entry: 'prerouting' } as const;
  expect(
    lookupService([row], { ...packet, port: Number(row.port.value), localAddresses: [] }, 'pod').frontend,
  ).toBeUndefined();
});
