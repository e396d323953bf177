import { expect, test } from 'vitest';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { holdsServices, ruleIndex } from '../../src/model/rule-index.ts';
import { serviceRules, sharesOf } from '../../src/model/service-rules.ts';
import { published } from '../analysis/edited-outputs.ts';

const nat = published().find(({ key }) => key === 'v1/l4-iptables-nat')?.text ?? '';
const index = ruleIndex(parseIptablesSave(nat));

test('the rules of a Service are its entrances and what its own chains hold', () => {
  const { rules, entrances, unreached, missing } = serviceRules(index, 'netflow-test/nginx');
  const chains = Map.groupBy(rules, ({ chain }) => /^KUBE-[A-Z]+/.exec(chain.value)?.[0]);
  expect(Object.fromEntries([...chains].map(([chain, all]) => [chain, all.length]))).toEqual({
    'KUBE-EXT': 2,
    'KUBE-NODEPORTS': 2,
    'KUBE-SEP': 6,
    'KUBE-SERVICES': 2,
    'KUBE-SVC': 4,
  });
  expect(entrances.map(({ address, port, targets }) => [address?.value, port?.value, targets.length])).toEqual([
    ['127.0.0.0/8', '31057', 3],
    [undefined, '31057', 3],
    ['10.24.9.186', '80', 3],
    ['136.64.249.50', '80', 3],
  ]);
  expect(unreached).toEqual([]);
  expect(missing.map(({ chain, own }) => [chain, own])).toEqual([['KUBE-MARK-MASQ', false]]);
});

test('every rule belongs to one Service at most', () => {
  const services = new Set([...nat.matchAll(/--comment "([a-z-]+\/[a-z-]+)/g)].map(([, name]) => name as string));
  const lines = [...services].flatMap((name) => serviceRules(index, name).rules.map(({ line }) => line));
  expect(new Set(lines).size).toBe(lines.length);
  // All 79: nothing in this output belongs to no Service.
  expect(lines.length).toBe(79);
});

test('a name that another begins with is another Service', () => {
  const own = serviceRules(index, 'kube-system/kube-dns').rules.map(({ text }) => text);
  expect(own.some((text) => text.includes('kube-dns-upstream'))).toBe(false);
});

test('shares multiply through, and rules that look up a known client divide nothing', () => {
  const rules = (...lines: string[]) => sharesOf(ruleIndex(parseIptablesSave(`*nat\n${lines.join('\n')}\nCOMMIT\n`)));
  const jump = (chain: string, probability?: string) =>
    `-A KUBE-SVC-A ${probability ? `-m statistic --mode random --probability ${probability} ` : ''}-j KUBE-SEP-${chain}`;
  const shares = rules(jump('A', '0.25'), jump('B', '0.5'), jump('C')).flatMap(({ endpoints }) =>
    endpoints.map(({ share }) => share),
  );
  expect(shares).toEqual([0.25, 0.375, 0.375]);
  const [affine] = rules(
    '-A KUBE-SVC-A -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-A --mask 255.255.255.255 --rsource -j KUBE-SEP-A',
    jump('A', '0.5'),
    jump('B'),
  );
  expect(affine?.endpoints.map(({ share }) => share)).toEqual([0.5, 0.5]);
  expect(rules('-A KUBE-SVC-A -m comment --comment x -j KUBE-MARK-MASQ')).toEqual([]);
});

test('ten thousand Services cost a hundred times what a hundred cost, not ten thousand times', () => {
  const rules = (services: number) =>
    Array.from({ length: services }, (_, service) => {
      const name = `ns/web-${service}`;
      return [
        `-A KUBE-SERVICES -d 10.0.0.1/32 -m comment --comment "${name} cluster IP" -j KUBE-SVC-${service}`,
        `-A KUBE-SVC-${service} -m comment --comment "${name} -> 10.0.0.2:80" -j KUBE-SEP-${service}`,
        `-A KUBE-SEP-${service} -p tcp -m comment --comment "${name}" -m tcp -j DNAT --to-destination 10.0.0.2:80`,
      ].join('\n');
    }).join('\n');
  const many = ruleIndex(parseIptablesSave(`*nat\n${rules(10_000)}\nCOMMIT\n`));
  const start = performance.now();
  for (let service = 0; service < 10_000; service++) {
    expect(serviceRules(many, `ns/web-${service}`).rules.length).toBe(3);
  }
  // Searching all rules for each Service would take minutes.
  expect(performance.now() - start).toBeLessThan(10_000);
});

test('only the nat table leads to endpoints, whatever the filter table says of the same Service', () => {
  const filter = [
    '*filter',
    ':KUBE-NODEPORTS - [0:0]',
    '-A KUBE-SERVICES -d 10.24.9.186/32 -p tcp -m comment --comment "netflow-test/nginx has no endpoints" -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
    '-A KUBE-NODEPORTS -m comment --comment "netflow-test/nginx health check node port" -m tcp -p tcp --dport 31999 -j ACCEPT',
    '-A KUBE-EXTERNAL-SERVICES -d 136.64.249.50/32 -p tcp -m comment --comment "netflow-test/nginx has no local endpoints" -m tcp --dport 80 -j DROP',
    'COMMIT',
  ].join('\n');
  const alone = parseIptablesSave(`${filter}\n`);
  expect(holdsServices(ruleIndex(alone))).toBe(false);
  expect(serviceRules(ruleIndex(alone), 'netflow-test/nginx')).toEqual({
    rules: [],
    entrances: [],
    chains: new Set(),
    unreached: [],
    missing: [],
    draws: [],
  });
  const whole = parseIptablesSave(`${filter}\n*nat\n${nat}COMMIT\n`);
  expect(holdsServices(ruleIndex(whole))).toBe(true);
  const texts = (all: { text: string }[]) => all.map(({ text }) => text);
  const [alike, before] = [whole, parseIptablesSave(nat)].map((one) =>
    serviceRules(ruleIndex(one), 'netflow-test/nginx'),
  );
  expect(texts(alike?.rules ?? [])).toEqual(texts(before?.rules ?? []));
  // Without the lines that name the tables, the targets tell them apart.
  const unnamed = parseIptablesSave(filter.replace('*filter\n', '').replace('COMMIT', ''));
  expect(holdsServices(ruleIndex(unnamed))).toBe(false);
});
