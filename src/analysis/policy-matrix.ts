import type { Citation, NotCaptured } from '../model/citation.ts';
import { type Connection, connectionsOf } from '../model/connections.ts';
import type { Model } from '../model/model.ts';
import type { ClientRequest } from '../model/probes.ts';
import type { SideId } from '../recipe/schema.ts';
import { policyCell } from './policy-matrix/network-policy.ts';
import { mapCell } from './policy-matrix/policy-map.ts';
import {
  ingressPolicies,
  type PolicyCell,
  type PolicySource,
  type PolicyTarget,
  partiesOf,
  policySources,
  policyTarget,
} from './policy-matrix/source.ts';

export type { PolicyCell, PolicySource, PolicyTarget } from './policy-matrix/source.ts';

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

/** Who may reach the target on one side, by what the manifests and maps say and by what was seen. */
export function policyMatrix({ sides }: Model, side: SideId): PolicyMatrix | NotCaptured {
  const model = sides[side];
  const { policyMaps: maps } = model;
  const policies = ingressPolicies(model);
  const parties = partiesOf(model);
  const { asked, drops } = parties;
  const flows = model.flows.flatMap((output) => connectionsOf(output).map((flow) => ({ flow, layer: output.layer })));
  if (policies.length + maps.length + asked.length + drops.length === 0) {
    return { captured: false, why: `No network policy was captured on ${side.toUpperCase()}.` };
  }
  // Only outputs of the policy's own layer were taken with the policy in force.
  const layers = new Set([...policies, ...maps].map(({ layer }) => layer));
  const target = policyTarget(parties, policies);
  const columns: PolicyColumn[] = [
    { kind: 'network-policy', title: 'NetworkPolicy', ...missing(policies, 'No NetworkPolicy was captured.') },
    ...(maps.length === 0
      ? [{ kind: 'policy-map' as const, title: 'Policy map', missing: 'No policy map was captured.' }]
      : maps.map(({ endpoint }) => ({
          kind: 'policy-map' as const,
          title: endpoint === undefined ? 'Policy map' : `Policy map, endpoint ${endpoint}`,
        }))),
    { kind: 'seen', title: 'Seen', ...missing([...asked, ...drops], 'Neither a probe nor a drop was captured.') },
  ];
  const rows = policySources(parties, target).map((source): PolicyRow => {
    const from = flows.filter(({ flow }) => isFrom(flow, source) && isTo(flow, target));
    const seen = [
      ...asked.filter(({ client }) => source.kind === 'pod' && client.value === source.name).map(answerOf),
      ...from.flatMap(({ flow, layer }) => observed(flow, layers.has(layer))),
    ];
    return {
      source,
      cells: [
        policies.length === 0 ? nothing('No NetworkPolicy was captured.') : policyCell(policies, source, target.port),
        ...(maps.length === 0
          ? [nothing('No policy map was captured.')]
          : maps.map((map) => mapCell(map, source, target, seen.length > 0))),
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

function answerOf({ outcome, status, time, timeout, evidence }: ClientRequest): Observed {
  const seconds = `${time.value} s`;
  return outcome === 'none'
    ? {
        verdict: 'denied',
        why: `The probe got no answer ${timeout ? 'before its timeout of' : 'in'} ${seconds}.`,
        evidence,
      }
    : { verdict: 'allowed', why: `The probe was answered with HTTP ${status.value} in ${seconds}.`, evidence };
}

function observed({ deniedByPolicy, events }: Connection, inForce: boolean): Observed[] {
  if (!deniedByPolicy && !(inForce && events.some(({ verdict }) => verdict === 'FORWARDED'))) return [];
  return events.map(({ verdict, seen, evidence }) => ({
    verdict: deniedByPolicy ? 'denied' : 'allowed',
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
