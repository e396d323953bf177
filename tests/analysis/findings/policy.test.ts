import { expect, test } from 'vitest';
import { type PolicyFinding, policyFindings } from '../../../src/analysis/findings/policy.ts';
import { modelOf } from '../../../src/model/model.ts';
import { policySentences } from '../../../src/wording/findings/policy.ts';
import { findingText } from '../../../src/wording/findings.ts';
import { edited, published, subjectOf, withOthers } from '../subjects.ts';
import { expectEveryKind, expectWhole, readWorlds } from './worlds.ts';

const find = <Kind extends PolicyFinding['kind']>(all: readonly PolicyFinding[], kind: Kind) =>
  all.find((one): one is Extract<PolicyFinding, { kind: Kind }> => one.kind === kind);

const cases = readWorlds();

test.each(cases)('policy of world $number', (read) => {
  const { truth, model, world } = read;
  const all = policyFindings(model);
  expectWhole(read, all);
  const { traffic } = truth.v2 ?? {};
  const { v2 } = world;
  if (!traffic || !v2) {
    expect(all).toEqual([]);
    return;
  }
  for (const { places } of all) expect(places.length).toBeGreaterThan(0);
  const has = (key: string) => truth.outputs.has(`v2/l8-${key}`);
  const { policy } = traffic;

  const intent = find(all, 'policy-intent');
  expect(intent !== undefined).toBe(has('policy'));
  if (intent) {
    expect(intent.peers).toEqual(policy.peers);
    expect(intent).toMatchObject({ letsIn: policy.peers.length > 0 ? 'peers' : 'nobody', egressOpen: true });
    expect(intent.selects).toEqual(Object.entries(v2.policy?.selects ?? {}).map((pair) => pair.join('=')));
  }

  const identities = find(all, 'identities')?.groups.flatMap(({ identity, pods }) =>
    pods.map(({ value }) => [value, Number(identity.value)]),
  );
  expect(identities && Object.fromEntries(identities)).toEqual(has('identities') ? traffic.identities : undefined);

  const seen = find(all, 'policy-seen');
  const clients = (answered: boolean) =>
    has('enforcement')
      ? traffic.enforcement.filter((one) => one.answered === answered).map(({ client }) => client)
      : undefined;
  expect(seen?.answered.map(({ client }) => client.value)).toEqual(clients(true));
  expect(seen?.silent.map(({ client }) => client.value)).toEqual(clients(false));
  const ofSilent = (clients(false) ?? []).reduce((sum, name) => sum + (traffic.drops.droppedFrom[name] ?? 0), 0);
  expect(seen?.drops).toBe(seen && has('hubble-drop') ? ofSilent : undefined);

  const map = find(all, 'policy-map-lets-in');
  /** Where only the map with numbers was recorded, an entry names its identity and no label. */
  const numbered = (identity: number | string) => ({
    identity: { role: 'identity', side: 'v2', value: `${identity}` },
  });
  expect(map?.ingress.length).toBe(has('policy-map') || has('policy-map-numeric') ? traffic.ingressEntries : undefined);
  if (map) {
    const roles = v2.clients
      .filter(({ name }) => policy.present && policy.allowed.includes(name))
      .map(({ labels, identity }) => ({
        of: has('policy-map') ? { labels: [`role=${labels.role}`] } : numbered(identity),
        packets: v2.counters.byIdentity.get(identity)?.packets,
      }));
    expect(map.ingress.map(({ of, packets }) => ({ of, packets }))).toEqual([
      { of: has('policy-map') ? { reserved: 'host' } : numbered(1), packets: v2.counters.host?.packets },
      ...(policy.present ? roles : [{ of: 'any', packets: undefined }]),
    ]);
    expect(map.egress).toEqual(v2.counters.egress ? { packets: v2.counters.egress.packets } : {});
  }
  // Where everybody is let in, another node is too.
  const relayed = find(all, 'policy-map-relayed');
  expect(relayed !== undefined).toBe(has('policy-map') && policy.present);
  const relays = v2.drops.filter(({ from }) => from.identity === 'remote-node').length;
  if (relayed) expect(relayed.seen).toEqual({ denied: has('hubble-drop') ? relays : 0, forwarded: 0 });

  const agrees = find(all, 'policy-map-agrees');
  const absent = find(all, 'policy-absent');
  expect(agrees !== undefined).toBe(has('policy-map') && has('policy'));
  if (agrees) {
    const unmet = policy.peers.filter((peer) => !v2.clients.some(({ labels }) => peer.includes(`role=${labels.role}`)));
    expect(agrees).toMatchObject({
      agrees: unmet.length > 0 && unmet.length === policy.peers.length ? 'unknown' : 'yes',
      lacking: [],
      unknown: unmet,
      extra: [],
      open: false,
    });
  }
  expect(absent?.open).toBe(
    (has('policy-map') || has('policy-map-numeric')) && !has('policy') ? !policy.present : undefined,
  );
});

test('the worlds reach every kind', () => {
  expectEveryKind(
    cases.flatMap(({ model }) => policyFindings(model)),
    policySentences,
  );
});

const sentences = (subjects: Parameters<typeof modelOf>[0]) => policyFindings(modelOf(subjects)).map(findingText);

test('the published policy', () => {
  expect(sentences(published)).toMatchInlineSnapshot(`
    [
      "nginx-allow-frontend selects pods with app=nginx and lets in pods of its namespace with role=frontend. All other ingress is denied. It does not restrict egress.",
      "3 pods share identity 18565: nginx-bb6b8c496-2gd6m, nginx-bb6b8c496-vc6pj and nginx-bb6b8c496-w8kkn. client-allowed has identity 51014 and client-blocked has identity 6385.",
      "client-allowed (role=frontend) is answered. client-blocked (role=other) gets no answer; 3 dropped packets from it were captured.",
      "The map lets in reserved:host (no packets counted) and role=frontend (14 packets counted); it denies what no entry names. Egress is open to every identity (279 packets counted).",
      "The entry of reserved:host also shows reserved:remote-node. An entry is one identity, here the host’s (1), which collects the labels of the host’s addresses. Another node arrives as identity 6, for which the map prints no entry: by this map, traffic that another node relays is denied (no capture confirms it).",
      "The map lets in whom the policy names.",
    ]
  `);
});

const policy = (spec: string) =>
  subjectOf(
    'v2/l8-policy',
    'yaml',
    `kind: NetworkPolicy\nmetadata: {name: p, namespace: netflow-test}\nspec:\n${spec}`,
  );

test('policies of other forms', () => {
  const said = (spec: string) => sentences([policy(spec)]);
  expect([
    said('  podSelector: {}\n  policyTypes: [Ingress]\n'),
    said('  podSelector: {}\n  ingress: [{}]\n'),
    said('  podSelector: {matchLabels: {app: a, tier: b}}\n  policyTypes: [Egress]\n'),
    said('  podSelector: {}\n  policyTypes: [Ingress, Egress]\n  ingress: [{ports: [{port: 80}]}]\n'),
    said(
      '  podSelector: {}\n  ingress: [{from: [{podSelector: {matchLabels: {a: b, c: d}}}, {podSelector: {matchLabels: {e: f}}}]}]\n',
    ),
  ]).toMatchInlineSnapshot(`
    [
      [
        "p selects every pod of its namespace and lets in nobody. It does not restrict egress.",
      ],
      [
        "p selects every pod of its namespace and lets in everybody.",
      ],
      [
        "p selects pods with app=a and tier=b and is not about ingress: it keeps nobody out.",
      ],
      [
        "p selects every pod of its namespace and names whom it lets in by more than labels of pods (ports, namespaces, addresses or expressions). All other ingress is denied.",
      ],
      [
        "p selects every pod of its namespace and lets in pods of its namespace with a=b and c=d, or e=f. All other ingress is denied.",
      ],
    ]
  `);
});

const MAP = 'v2/l8-policy-map';
const mapOf = (...entries: string[]) =>
  subjectOf(
    MAP,
    'cilium-policy-map',
    ['POLICY   DIRECTION   IDENTITY   PORT/PROTO   PROXY PORT   BYTES   PACKETS', ...entries, ''].join('\n'),
  );

test('maps of other forms, and those that disagree', () => {
  const ofMap = (map: Parameters<typeof withOthers>[0][number], without: string[] = []) =>
    sentences(withOthers([map], without)).filter((text) => /map/.test(text));
  expect([
    ofMap(
      mapOf(
        'Allow    Ingress     51014      80/TCP       NONE         60      1',
        'Deny     Ingress     6385       ANY          NONE         -       -',
      ),
    ),
    ofMap(edited(MAP, 'cilium-policy-map', 'role=frontend', 'role=backend ')),
    ofMap(edited(MAP, 'cilium-policy-map', /Egress( +ANY)/, 'Ingress$1')),
    ofMap(edited(MAP, 'cilium-policy-map', /^(POLICY.*\n)[\s\S]*$/, '$1'), ['v2/l8-policy']),
    sentences([
      edited('v2/l8-policy', 'yaml', 'role: frontend', 'role: monitoring'),
      edited(MAP, 'cilium-policy-map', /^Allow {4}Ingress {5}k8s[\s\S]*frontend.*\n/m, ''),
    ]),
    ofMap(
      edited(
        'v2/l8-hubble-drop',
        'hubble-flows',
        'netflow-test/client-blocked:42222 (ID:6385)',
        '10.10.0.4:42222 (remote-node)',
      ),
    ),
  ]).toMatchInlineSnapshot(`
    [
      [
        "The map lets in identity 51014 on 80/TCP (1 packet counted); it denies what no entry names. It denies identity 6385 (no packets counted).",
      ],
      [
        "The map lets in reserved:host (no packets counted) and role=backend (14 packets counted); it denies what no entry names. Egress is open to every identity (279 packets counted).",
        "The entry of reserved:host also shows reserved:remote-node. An entry is one identity, here the host’s (1), which collects the labels of the host’s addresses. Another node arrives as identity 6, for which the map prints no entry: by this map, traffic that another node relays is denied (no capture confirms it).",
        "The map and the policy disagree: the map has no entry for role=frontend and the map lets in role=backend, which the policy does not name.",
      ],
      [
        "The map lets in reserved:host (no packets counted), role=frontend (14 packets counted) and every identity (279 packets counted).",
        "The map and the policy disagree: the map lets in every identity.",
      ],
      [
        "The map has no entry that lets anything in.",
        "No NetworkPolicy was captured, and the map does not let in every identity.",
      ],
      [
        "nginx-allow-frontend selects pods with app=nginx and lets in pods of its namespace with role=monitoring. All other ingress is denied. It does not restrict egress.",
        "The map lets in reserved:host (no packets counted); it denies what no entry names. Egress is open to every identity (279 packets counted).",
        "The entry of reserved:host also shows reserved:remote-node. An entry is one identity, here the host’s (1), which collects the labels of the host’s addresses. Another node arrives as identity 6, for which the map prints no entry: by this map, traffic that another node relays is denied (no capture confirms it).",
        "Whether the map and the policy agree is not known. No pod with role=monitoring is known, and no entry is for its identity.",
      ],
      [
        "The map lets in reserved:host (no packets counted) and role=frontend (14 packets counted); it denies what no entry names. Egress is open to every identity (279 packets counted).",
        "The entry of reserved:host also shows reserved:remote-node. An entry is one identity, here the host’s (1), which collects the labels of the host’s addresses. Another node arrives as identity 6, for which the map prints no entry: by this map, traffic that another node relays is denied (1 such packet was captured as denied).",
        "The map lets in whom the policy names.",
      ],
    ]
  `);
});

test('clients: all answered, none, no flows of that time', () => {
  const seen = (...of: Parameters<typeof withOthers>) =>
    sentences(withOthers(...of)).filter((text) => /^client/.test(text));
  const probe = (from: string, to: string) => [edited('v2/l8-enforcement', 'http-probe', from, to)];
  expect([
    seen(probe('HTTP 000', 'HTTP 200')),
    seen(probe('HTTP 200', 'HTTP 000')),
    seen([], ['v2/l8-hubble-drop']),
    seen([subjectOf('v2/l8-hubble-drop', 'hubble-flows', '')]),
  ]).toMatchInlineSnapshot(`
    [
      [
        "client-allowed (role=frontend) and client-blocked (role=other) are answered.",
      ],
      [
        "client-allowed (role=frontend) and client-blocked (role=other) get no answer; 3 dropped packets from them were captured.",
      ],
      [
        "client-allowed (role=frontend) is answered. client-blocked (role=other) gets no answer.",
      ],
      [
        "client-allowed (role=frontend) is answered. client-blocked (role=other) gets no answer, and no captured drop is from it.",
      ],
    ]
  `);
});
