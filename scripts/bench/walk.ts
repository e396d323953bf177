import { iptablesFields } from '../../src/formats/iptables-save/fields.ts';
import { parseIptablesSave } from '../../src/formats/iptables-save.ts';
import { median } from '../../src/model/probes.ts';
import { type SyntheticService, syntheticRules } from '../../src/netfilter/synthetic.ts';
import { type Packet, walk, walkable } from '../../src/netfilter/walk.ts';

/*
 * Times parsing and walking synthetic rulesets: `node scripts/bench/walk.ts [rules]`, default 80,000 rules.
 * Prints milliseconds: one cold run and the median of the next nine.
 */

/** 10.x.y.z from a number, so that every Service has addresses of its own. */
const ip = (base: number, n: number): string => `${base}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

function services(count: number): SyntheticService[] {
  return Array.from({ length: count }, (_, n) => ({
    namespace: 'bench',
    name: `service-${n}`,
    portName: 'http',
    protocol: 'tcp' as const,
    clusterIP: ip(172, n),
    port: 80,
    endpoints: [0, 1, 2].map((m) => ({ ip: ip(10, 3 * n + m), port: 8080, local: m === 0 })),
  }));
}

function time(label: string, run: () => unknown): void {
  const times = Array.from({ length: 10 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  const [cold = 0, ...warm] = times;
  const middle = (median(warm) ?? Number.NaN).toFixed(1);
  console.log(`${label.padEnd(44)} ${cold.toFixed(1).padStart(8)} ms cold  ${middle.padStart(8)} ms`);
}

const wanted = Number(process.argv[2] ?? 80_000);
/** Rules a Service of three endpoints brings: KUBE-SERVICES 1, KUBE-SVC 4, KUBE-SEP 6. */
const RULES_EACH = 11;
const made = services(Math.ceil(wanted / RULES_EACH));
const text = syntheticRules(made, { family: 4, nodeIP: '192.168.0.2', localDetector: { cidr: '10.0.0.0/8' } });
const rules = text.split('\n').filter((line) => line.startsWith('-A')).length;
console.log(`${made.length} Services, ${rules} rules, ${(text.length / 1e6).toFixed(1)} MB`);
const ruleset = parseIptablesSave(text);
const ready = walkable(ruleset);
const packet = (to: string): Packet => ({
  from: '10.0.0.2',
  to,
  port: 80,
  protocol: 'tcp',
  entry: 'prerouting',
  localAddresses: ['192.168.0.2'],
});
time('parse', () => parseIptablesSave(text));
time('fields', () => iptablesFields(ruleset));
time('index by table and chain', () => walkable(ruleset).programs(4));
time('walk: first Service', () => walk(ready, packet(ip(172, 0))));
time('walk: last Service', () => walk(ready, packet(ip(172, made.length - 1))));
time('walk: no Service', () => walk(ready, packet('203.0.113.9')));
const one = `*nat\n:PREROUTING ACCEPT [0:0]\n${Array.from({ length: wanted }, (_, n) => `-A PREROUTING -d ${ip(172, n)}/32 -p tcp -m tcp --dport 80 -j ACCEPT`).join('\n')}\nCOMMIT\n`;
const chain = walkable(parseIptablesSave(one));
time(`walk: one chain of ${wanted} rules, none matches`, () => walk(chain, packet('203.0.113.9')));
