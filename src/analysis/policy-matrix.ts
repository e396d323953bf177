import type { HttpProbe, HttpProbeRequest } from '../formats/http-probe.ts';
import { citing, type Citation, type NotCaptured } from '../model/citation.ts';
import { type Connection, captureOf } from '../model/connections.ts';
import type { Model } from '../model/model.ts';
import type { IdentifiedPod } from '../model/pods.ts';
import type { Subject } from '../model/subject.ts';
import type { SideId } from '../recipe/schema.ts';
import { ingressPolicies, policyCell } from './policy-matrix/network-policy.ts';
import { mapCell } from './policy-matrix/policy-map.ts';
import type { PolicyCell, PolicySource } from './policy-matrix/source.ts';

export type { PolicyCell, PolicySource } from './policy-matrix/source.ts';

/** Whom the matrix is about: the pods that the probe asked, as far as the captures tell. */
export interface PolicyTarget {
  /** As the probe calls it: `nginx`. */
  name?: string;
  namespace?: string;
  /** Number of the identity its pods share. */
  identity?: string;
  pods: string[];
  /** TCP port of the pods. */
  port?: string;
}

/** One column of the matrix: what the manifests say, what one policy map says, what was seen. */
export interface PolicyColumn {
  kind: 'network-policy' | 'policy-map' | 'seen';
  title: string;
  /** Why the column has nothing to say; absent where its output was captured. */
  missing?: string;
}

/** One source with a cell for each column. */
export interface PolicyRow {
  source: PolicySource;
  cells: PolicyCell[];
  /** Forwarded flows of outputs that do not tell whether the policy was in force. */
  elsewhere: Citation[];
}

/** Who may reach the target. */
export interface PolicyMatrix {
  captured: true;
  side: SideId;
  target: PolicyTarget;
  columns: PolicyColumn[];
  rows: PolicyRow[];
}

interface Observed {
  verdict: 'allowed' | 'denied';
  why: string;
  evidence: Citation;
}

/** A request of a policy probe. */
interface Asked {
  request: HttpProbeRequest & { client: NonNullable<HttpProbeRequest['client']> };
  evidence: Citation;
}

/** Who may reach the target on one side, by what the manifests and maps say and by what was seen. */
export function policyMatrix({ sides }: Model, side: SideId): PolicyMatrix | NotCaptured {
  const own = sides[side].subjects;
  const policies = own.flatMap(ingressPolicies);
  const maps = own.flatMap((subject) =>
    subject.parsed.format === 'cilium-policy-map' ? subject.parsed.maps.map((map) => ({ subject, map })) : [],
  );
  const asked = own.flatMap((subject) =>
    subject.parsed.format === 'http-probe' ? asking(subject, subject.parsed) : [],
  );
  const flows = own.flatMap((subject) =>
    (captureOf(subject)?.connections ?? []).map((flow) => ({ flow, layer: subject.layer })),
  );
  const drops = flows.filter(({ flow }) => deniedByPolicy(flow)).map(({ flow }) => flow);
  if (policies.length + maps.length + asked.length + drops.length === 0) {
    return { captured: false, why: `No network policy was captured on ${side.toUpperCase()}.` };
  }
  // Only outputs of the policy's own layer were taken with the policy in force.
  const layers = new Set(
    own
      .filter((subject) => ingressPolicies(subject).length > 0 || subject.parsed.format === 'cilium-policy-map')
      .map(({ layer }) => layer),
  );
  const identities = sides[side].pods.identified.map(identitiesOf);
  const target = targetOf(policies[0]?.namespace, asked, identities, drops);
  const columns: PolicyColumn[] = [
    { kind: 'network-policy', title: 'NetworkPolicy', ...missing(policies, 'No NetworkPolicy was captured.') },
    ...(maps.length === 0
      ? [{ kind: 'policy-map' as const, title: 'Policy map', missing: 'No policy map was captured.' }]
      : maps.map(({ map }) => ({
          kind: 'policy-map' as const,
          title: map.endpoint ? `Policy map, endpoint ${map.endpoint.value}` : 'Policy map',
        }))),
    { kind: 'seen', title: 'Seen', ...missing([...asked, ...drops], 'Neither a probe nor a drop was captured.') },
  ];
  const rows = sourcesOf(target, asked, identities, drops).map((source): PolicyRow => {
    const from = flows.filter(({ flow }) => isFrom(flow, source) && isTo(flow, target));
    const seen = [
      ...asked.filter(({ request }) => source.kind === 'pod' && request.client.value === source.name).map(answerOf),
      ...from.flatMap(({ flow, layer }) => observed(flow, layers.has(layer))),
    ];
    return {
      source,
      cells: [
        policies.length === 0 ? nothing('No NetworkPolicy was captured.') : policyCell(policies, source, target.port),
        ...(maps.length === 0
          ? [nothing('No policy map was captured.')]
          : maps.map(({ subject, map }) => mapCell(subject, map, source, target))),
        seenCell(seen),
      ],
      elsewhere: from.flatMap(({ flow, layer }) =>
        layers.has(layer)
          ? []
          : flow.events.filter(({ verdict }) => verdict === 'FORWARDED').map(({ evidence }) => evidence),
      ),
    };
  });
  return { captured: true, side, target, columns, rows };
}

function missing(found: readonly unknown[], why: string): { missing?: string } {
  return found.length === 0 ? { missing: why } : {};
}

function nothing(why: string): PolicyCell {
  return { verdict: 'unknown', basis: 'none', why, evidence: [] };
}

function asking(subject: Subject, { requests }: HttpProbe): Asked[] {
  const cite = citing(subject);
  return requests.flatMap((request) => {
    const { client } = request;
    return client ? [{ request: { ...request, client }, evidence: cite(request.line) }] : [];
  });
}

function answerOf({ request: { status, time, timeout }, evidence }: Asked): Observed {
  const seconds = `${time.value} s`;
  return status.value === '000'
    ? {
        verdict: 'denied',
        why: `The probe got no answer ${timeout ? 'before its timeout of' : 'in'} ${seconds}.`,
        evidence,
      }
    : { verdict: 'allowed', why: `The probe was answered with HTTP ${status.value} in ${seconds}.`, evidence };
}

/** Drops for other reasons than policy say nothing of it. (pkg/monitor/api, drop reasons `Policy denied…`) */
function deniedByPolicy({ events }: Connection): boolean {
  return events.some(({ verdict, seen }) => verdict === 'DROPPED' && /^policy[ _]denied/i.test(seen));
}

function observed(flow: Connection, inForce: boolean): Observed[] {
  const denied = deniedByPolicy(flow);
  if (!denied && !(inForce && flow.events.some(({ verdict }) => verdict === 'FORWARDED'))) return [];
  return flow.events.map(({ verdict, seen, evidence }) => ({
    verdict: denied ? 'denied' : 'allowed',
    why: `Hubble saw its packet ${verdict} (${seen}).`,
    evidence,
  }));
}

function seenCell(seen: readonly Observed[]): PolicyCell {
  const verdicts = new Set(seen.map(({ verdict }) => verdict));
  const [verdict] = verdicts;
  const evidence = seen.map((each) => each.evidence);
  if (verdict === undefined) return nothing('No traffic from it was captured under the policy.');
  if (verdicts.size > 1)
    return { verdict: 'unknown', basis: 'observed', why: 'Seen both allowed and denied.', evidence };
  return { verdict, basis: 'observed', why: [...new Set(seen.map(({ why }) => why))].join(' '), evidence };
}

/** Names and identities of pods, as a table lists them. */
function identitiesOf({ pod, identity, subject }: IdentifiedPod): {
  pod: string;
  identity: string;
  evidence: Citation;
} {
  return { pod: pod.value, identity: identity.value, evidence: citing(subject)(pod.at.line) };
}

function targetOf(
  namespace: string | undefined,
  asked: readonly Asked[],
  identities: readonly { pod: string; identity: string }[],
  drops: readonly Connection[],
): PolicyTarget {
  const name = asked[0]?.request.target?.value;
  const pods = identities.filter(({ pod }) => name !== undefined && (pod === name || pod.startsWith(`${name}-`)));
  const hit = drops[0]?.destination;
  const found = {
    name,
    namespace: namespace ?? (hit?.host.includes('/') ? hit.host.split('/')[0] : undefined),
    identity: pods[0]?.identity ?? hit?.identity,
    port: hit?.port,
  };
  const known = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return { ...known, pods: pods.map(({ pod }) => pod) };
}

/** The reserved identities that traffic to a Service can arrive with besides those of pods. */
const RESERVED = ['host', 'remote-node', 'world'];

function sourcesOf(
  target: PolicyTarget,
  asked: readonly Asked[],
  identities: readonly { pod: string; identity: string; evidence: Citation }[],
  drops: readonly Connection[],
): PolicySource[] {
  const dropped = drops.flatMap(({ source: { host } }) =>
    host.includes('/') ? [host.slice(host.indexOf('/') + 1)] : [],
  );
  const names = [...asked.map(({ request }) => request.client.value), ...identities.map(({ pod }) => pod), ...dropped];
  const pods = [...new Set(names)].filter((name) => !target.pods.includes(name));
  return [
    ...pods.map((name): PolicySource => {
      const probe = asked.find(({ request }) => request.client.value === name);
      const listed = identities.find(({ pod }) => pod === name);
      const { label } = probe?.request ?? {};
      const identity =
        listed?.identity ?? drops.find(({ source }) => source.host.endsWith(`/${name}`))?.source.identity;
      return {
        id: `pod/${name}`,
        kind: 'pod',
        name,
        ...(identity === undefined ? {} : { identity }),
        labels: new Map(label ? [[label.key.value, label.value.value]] : []),
        complete: false,
        sameNamespace: true,
        evidence: [probe?.evidence, listed?.evidence].filter((each) => each !== undefined),
      };
    }),
    ...RESERVED.map((name): PolicySource => ({ ...unlabelled, id: `reserved/${name}`, kind: 'reserved', name })),
    { ...unlabelled, id: 'other/same-namespace', name: 'Any other pod of the namespace' },
    {
      ...unlabelled,
      id: 'other/other-namespaces',
      name: 'Pods of other namespaces',
      complete: false,
      sameNamespace: false,
    },
  ];
}

/** Pods without the labels that a policy names. */
const unlabelled: Omit<PolicySource, 'id' | 'name'> = {
  kind: 'other-pods',
  labels: new Map(),
  complete: true,
  sameNamespace: true,
  evidence: [],
};

function isFrom({ source }: Connection, { kind, name, identity }: PolicySource): boolean {
  if (kind === 'reserved') return source.identity === name;
  return (
    kind === 'pod' && (source.host.endsWith(`/${name}`) || (identity !== undefined && source.identity === identity))
  );
}

function isTo({ destination }: Connection, target: PolicyTarget): boolean {
  if (target.identity !== undefined) return destination.identity === target.identity;
  return target.pods.some((pod) => destination.host.endsWith(`/${pod}`));
}
