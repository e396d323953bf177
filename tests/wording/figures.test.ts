import { expect, test } from 'vitest';
import { type FigureId, figureSchemas } from '../../src/report/figure-data.ts';
import { buildReport } from '../../src/report/report.ts';
import { figureWords } from '../../src/wording/figures.ts';
import { withOthers } from '../analysis/subjects.ts';
import { figureData } from '../figures/data.ts';

const { figures } = buildReport('.');
const words = figureWords(figures);
const plain = (sentences: readonly string[] = []) => sentences.map((one) => one.replaceAll('\u00A0', ' '));

test('every figure that is there has words, and no other', () => {
  expect(Object.keys(words)).toEqual(Object.keys(figureSchemas));
  const { policy: _policy, ...rest } = figures;
  expect(Object.keys(figureWords(rest))).toEqual(['walk', 'timeline', 'flows']);
  expect(figureWords({})).toEqual({});
});

test('what the walk says', () => {
  expect(plain(words.walk)).toMatchInlineSnapshot(`
    [
      "outside → VIP: 203.0.113.7 → 136.64.249.50:80 tcp: 17–19 captured rules examined: 33.3 % DNAT to 10.20.0.8:80, source masqueraded; 33.3 % DNAT to 10.20.0.9:80, source masqueraded; 33.3 % DNAT to 10.20.1.13:80, source masqueraded; service row of 203.0.113.7 → 34.72.78.182:80 tcp: 34.72.78.182:80/TCP, one of 3 backends.",
      "pod → ClusterIP: 10.20.1.10 → 10.24.9.186:80 tcp: 14–16 captured rules examined: 33.3 % DNAT to 10.20.0.8:80; 33.3 % DNAT to 10.20.0.9:80; 33.3 % DNAT to 10.20.1.13:80; service row of 10.20.0.7 → 10.24.8.39:80 tcp: 10.24.8.39:80/TCP, one of 3 backends.",
      "outside → NodePort: 203.0.113.7 → 192.0.2.10:31057 tcp: 20–22 captured rules examined: 33.3 % DNAT to 10.20.0.8:80, source masqueraded; 33.3 % DNAT to 10.20.0.9:80, source masqueraded; 33.3 % DNAT to 10.20.1.13:80, source masqueraded; service row of 203.0.113.7 → 192.0.2.10:30574 tcp: 0.0.0.0:30574/TCP, one of 3 backends.",
      "pod → an address of no Service: 10.20.1.10 → 198.51.100.1:80 tcp: 12 captured rules examined: 100 % no rule rewrites the destination; service row of 10.20.0.7 → 198.51.100.1:80 tcp: none.",
      "Computed, not captured. Rulesets written the way kube-proxy writes them in iptables mode, complete tables, every Service of type ClusterIP with 3 endpoints, none on this node. One packet of a local pod opens a connection to the first, the middle and the last Service, and to an address of no Service. Rules examined, mean: 1 Service: 16 rules to the first, 16 to the middle one, 16 to the last, 12 to an address of no Service; 10 Services: 16 rules to the first, 20 to the middle one, 25 to the last, 21 to an address of no Service; 100 Services: 16 rules to the first, 65 to the middle one, 115 to the last, 111 to an address of no Service; 1,000 Services: 16 rules to the first, 515 to the middle one, 1,015 to the last, 1,011 to an address of no Service; 5,000 Services: 16 rules to the first, 2,515 to the middle one, 5,015 to the last, 5,011 to an address of no Service. Map lookups: the same for any number of Services, not counted.",
    ]
  `);
});

test('what the timeline says', () => {
  expect(plain(words.timeline)).toMatchInlineSnapshot(`
    [
      "V1 Cluster mode: 10 of 10 answered in 1.0 s.",
      "V2 Cluster mode: 10 of 10 answered in 8.0 s; requests 1, 2 and 3 took 1.1 s, 1.1 s and 5.1 s.",
      "V1 Local mode, symmetric: 10 of 10 answered in 1.1 s.",
      "V2 Local mode, symmetric: 10 of 10 answered in 1.0 s.",
      "V1 Local mode, failover window: 0 of 20 answered in 120 s; failures about 6.0 s each.",
      "V2 Local mode, failover window: 9 of 20 answered in 1.5 s; failures about 0.05 s each.",
      "V1 Local mode, later probe: 7 of 10 answered in 18.8 s; failures about 6.0 s each; failed: requests 1, 2 and 4; its heading says ~130 s (not measured).",
      "V2 Local mode, later probe: not captured.",
    ]
  `);
});

test('what the flows say', () => {
  expect(plain(words.flows)).toMatchInlineSnapshot(`
    [
      "v2/l7-hubble-observe, connection 1: 162.195.118.115 to netflow-test/nginx-bb6b8c496-vc6pj, 8 events, from SYN to FIN: SYN+ECE+CWR, reply SYN+ACK+ECE, ACK, ACK+PSH, reply ACK+PSH, ACK+FIN, reply ACK+FIN, ACK.",
      "v2/l7-hubble-observe, connection 2: 10.10.0.3 to netflow-test/nginx-bb6b8c496-2gd6m, 7 events, from SYN to FIN: SYN+ECE+CWR, reply SYN+ACK+ECE, ACK, ACK+PSH, reply ACK+PSH, ACK+FIN, reply ACK+FIN.",
      "v2/l7-hubble-observe, connection 3: 10.10.0.4 to netflow-test/nginx-bb6b8c496-w8kkn, 1 event, begins with SYN, no end seen: SYN+ECE+CWR.",
      "v2/l8-hubble-drop: dropped on the way from netflow-test/client-blocked to netflow-test/nginx-bb6b8c496-vc6pj: Policy denied.",
      "v2/l8-hubble-drop: dropped on the way from netflow-test/client-blocked to netflow-test/nginx-bb6b8c496-w8kkn: Policy denied.",
      "v2/l8-hubble-drop: dropped on the way from netflow-test/client-blocked to netflow-test/nginx-bb6b8c496-w8kkn: Policy denied.",
    ]
  `);
});

test('what the matrix says', () => {
  expect(plain(words.policy)).toMatchInlineSnapshot(`
    [
      "Who may reach nginx on port 80, V2: client-allowed: NetworkPolicy: allowed, predicted; Policy map: allowed, predicted; Seen: allowed, observed.",
      "Who may reach nginx on port 80, V2: client-blocked: NetworkPolicy: denied, predicted; Policy map: denied, predicted; Seen: denied, observed.",
      "Who may reach nginx on port 80, V2: reserved:host: NetworkPolicy: allowed, predicted; Policy map: allowed, predicted; Seen: nothing known.",
      "Who may reach nginx on port 80, V2: reserved:remote-node: NetworkPolicy: denied, predicted; Policy map: denied, predicted; Seen: nothing known.",
      "Who may reach nginx on port 80, V2: reserved:world: NetworkPolicy: denied, predicted; Policy map: denied, predicted; Seen: nothing known.",
      "Who may reach nginx on port 80, V2: Any other pod of the namespace: NetworkPolicy: denied, predicted; Policy map: denied, predicted; Seen: nothing known.",
      "Who may reach nginx on port 80, V2: Pods of other namespaces: NetworkPolicy: denied, predicted; Policy map: denied, predicted; Seen: nothing known.",
    ]
  `);
});

test('each sentence is one: it ends with a full stop, and nothing in it is left open', () => {
  const others = figureData(withOthers([], ['v2/l4-ebpf-service-map', 'v2/l8-identities', 'v2/l8-policy']));
  for (const all of [words, figureWords(others)])
    for (const id of Object.keys(all) as FigureId[])
      for (const sentence of all[id] ?? []) {
        expect(sentence, id).toMatch(/^[^\n]+\.$/);
        expect(sentence, id).not.toMatch(/undefined|null|NaN|\[object| {2}|: *[;.]/);
      }
});
