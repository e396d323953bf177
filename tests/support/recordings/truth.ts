import { outputsOf } from './outputs.ts';
import { type ProbeTruth, probeTruth } from './truth/probe.ts';
import {
  type RulesTruth,
  rulesTruth,
  type ServiceTruth,
  serviceTruth,
  type TablesTruth,
  tablesTruth,
} from './truth/service.ts';
import { type TrafficTruth, trafficTruth } from './truth/traffic.ts';
import type { Cluster, World } from './world.ts';

/*
 * What a recording has to say, taken from the world it was made of: neither parsers nor analysis have a part in it. Where
 * they say something else, one of the two is wrong.
 */

/** Everything that is true of a world and that its outputs tell. */
export interface Truth {
  /** Keys of the outputs that are there; what only an absent one tells cannot be known from the recording. */
  outputs: ReadonlySet<string>;
  v1?: ServiceTruth & { rules: RulesTruth };
  v2?: ServiceTruth & { tables: TablesTruth; traffic: TrafficTruth };
  /** The probes from outside that are there, by key. */
  probes: ReadonlyMap<string, ProbeTruth>;
}

/** What is true of a world. */
export function truthOf(world: World): Truth {
  const { v1, v2 } = world;
  const outputs = new Set(outputsOf(world).keys());
  return {
    outputs,
    ...(v1 && { v1: { ...serviceTruth(v1), rules: rulesTruth(v1) } }),
    ...(v2 && { v2: { ...serviceTruth(v2), tables: tablesTruth(v2), traffic: trafficTruth(v2) } }),
    probes: new Map([...probesOf('v1', v1), ...probesOf('v2', v2)].filter(([key]) => outputs.has(key))),
  };
}

function probesOf(side: 'v1' | 'v2', cluster: Cluster | undefined): [key: string, truth: ProbeTruth][] {
  if (!cluster) return [];
  const { clusterMode, localSymmetric, localFailover, localConverged } = cluster.probes;
  const named = {
    'cluster-mode': clusterMode,
    'local-symmetric': localSymmetric,
    'local-failover': localFailover,
    'local-converged': localConverged,
  };
  return Object.entries(named).flatMap(([name, probe]): [string, ProbeTruth][] =>
    probe ? [[`${side}/l6-${name}`, probeTruth(probe)]] : [],
  );
}
