import type { HealthSample } from '../formats/http-probe.ts';
import { type Citation, citing } from './citation.ts';
import type { Model } from './model.ts';
import { type Probe, probeOf } from './probes.ts';

/*
 * What was asked beside the requests of a probe: whether the load balancer still holds a node to be healthy, and what the
 * node itself answers on the Service's healthCheckNodePort. Times are milliseconds since 1970, of the clock of whoever
 * probed.
 */

/** A node at a moment of the probe. */
export interface NodeHealth {
  node: string;
  time: number;
  /** Whether the load balancer sends connections there: its own word, or the node's own check. */
  from: 'pool' | 'node';
  passes: boolean;
  evidence: Citation;
}

/** A probe beside which the nodes were asked. */
export interface WatchedProbe {
  probe: Probe;
  health: NodeHealth[];
}

/** The probes beside which the nodes were asked, in page order. */
export function watchedProbes(model: Pick<Model, 'subjects' | 'sides'>): WatchedProbe[] {
  return model.subjects.flatMap((subject): WatchedProbe[] => {
    const probe = probeOf(model, subject);
    if (!probe || subject.parsed.format !== 'http-probe' || !subject.parsed.health) return [];
    const cite = citing(subject);
    return [{ probe, health: subject.parsed.health.map((sample) => healthOf(sample, cite(sample.line))) }];
  });
}

function healthOf({ at, from, node, state, status }: HealthSample, evidence: Citation): NodeHealth {
  const time = Date.parse(at.value);
  return from.value === 'pool'
    ? { node: node.value, time, from: 'pool', passes: state?.value === 'HEALTHY', evidence }
    : { node: node.value, time, from: 'node', passes: status?.value.startsWith('2') === true, evidence };
}
