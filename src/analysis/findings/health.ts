import { type NodeHealth, type WatchedProbe, watchedProbes } from '../../model/health.ts';
import type { Model } from '../../model/model.ts';
import { NOT_CONNECTED, type ProbeRequest } from '../../model/probes.ts';
import { aboutOutput, evidenceOf, type FindingOf } from './finding.ts';

/** Where the failures of a probe come from, as far as what was asked of the nodes meanwhile tells. */
export interface FailureCause extends FindingOf<'failure-cause'> {
  failed: number;
  /** Failed while the load balancer held nodes to be healthy whose own check failed: it may have sent them there. */
  late: number;
  /** The nodes that were held so. */
  nodes: string[];
  /** Failed while every node that was held to be healthy passed its own check. */
  passing: number;
  /** Of those {@link passing}: no packet of theirs was answered, they were refused, they were connected and then cut off. */
  ends: { silent: number; refused: number; connected: number };
  /** Failed before a packet was sent to the address. */
  client: number;
}

export type HealthFinding = FailureCause;

/** curl's exit codes for what fails on the client: name not resolved, local error of the socket (curl(1), EXIT CODES). */
const OF_CLIENT = new Set(['1', '2', '3', '4', '5', '6', '23', '27', '43', '45']);

/** The causes of failed requests, told apart by the state of the nodes at their time. */
export function healthFindings(model: Model): HealthFinding[] {
  return watchedProbes(model).flatMap(causeOf);
}

/** A request without an answer, with what is needed to tell its cause. */
interface Failed {
  began: number;
  exit: string;
  connected: boolean;
  evidence: ProbeRequest['evidence'];
}

function failedOf({ requests }: WatchedProbe['probe']): Failed[] {
  return requests.flatMap(({ outcome, began, exit, connect, evidence }) =>
    outcome === 'none' && began !== undefined && exit
      ? [{ began, exit: exit.value, connected: connect !== undefined, evidence }]
      : [],
  );
}

type Told = { kind: 'client' } | { kind: 'late' | 'passing'; nodes: NodeHealth[] } | { kind: 'unknown' };

function causeOf({ probe, health }: WatchedProbe): HealthFinding[] {
  const failed = failedOf(probe);
  const told = failed.map((request) => ({ request, told: tell(request, health) }));
  const of = (kind: Told['kind']) => told.filter((one) => one.told.kind === kind).map(({ request }) => request);
  const [late, passing, client] = [of('late'), of('passing'), of('client')];
  if (late.length + passing.length + client.length === 0) return [];
  const nodes = told.flatMap((one) => (one.told.kind === 'late' ? one.told.nodes : []));
  return [
    {
      kind: 'failure-cause',
      about: aboutOutput(probe),
      places: evidenceOf([...failed, ...nodes]),
      failed: failed.length,
      late: late.length,
      nodes: [...new Set(nodes.map(({ node }) => node))].sort(),
      passing: passing.length,
      ends: {
        silent: passing.filter(({ connected, exit }) => !connected && exit !== NOT_CONNECTED).length,
        refused: passing.filter(({ connected, exit }) => !connected && exit === NOT_CONNECTED).length,
        connected: passing.filter(({ connected }) => connected).length,
      },
      client: client.length,
    },
  ];
}

/** What the last sample of each node before a request, else its first one, says of the request. */
function tell(request: Failed, health: readonly NodeHealth[]): Told {
  if (OF_CLIENT.has(request.exit)) return { kind: 'client' };
  const at = (node: string, from: NodeHealth['from']) => {
    const own = health.filter((sample) => sample.node === node && sample.from === from);
    return own.findLast(({ time }) => time <= request.began) ?? own[0];
  };
  const held = [...new Set(health.map(({ node }) => node))].flatMap((node) => {
    const [pool, own] = [at(node, 'pool'), at(node, 'node')];
    return pool?.passes && own ? [{ pool, own }] : [];
  });
  if (held.length === 0) return { kind: 'unknown' };
  const failing = held.filter(({ own }) => !own.passes).flatMap(({ pool, own }) => [pool, own]);
  return failing.length > 0 ? { kind: 'late', nodes: failing } : { kind: 'passing', nodes: [] };
}
