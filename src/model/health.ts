import type { HealthSample } from '../formats/http-probe.ts';
import { type Citation, citing } from './citation.ts';
import type { Subject } from './subject.ts';

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

/** A request that got no answer. */
export interface FailedRequest {
  number: number;
  time: number;
  /** curl's exit code. */
  exit: string;
  /** True where a connection was made. */
  connected: boolean;
  evidence: Citation;
}

/** A probe beside which the nodes were asked. */
export interface WatchedProbe {
  subject: Subject;
  failed: FailedRequest[];
  health: NodeHealth[];
}

/** The probes among some outputs beside which the nodes were asked. */
export function watchedProbes(subjects: readonly Subject[]): WatchedProbe[] {
  return subjects.flatMap((subject): WatchedProbe[] => {
    if (subject.parsed.format !== 'http-probe' || !subject.parsed.health) return [];
    const cite = citing(subject);
    const { requests, health } = subject.parsed;
    const failed = requests.flatMap(({ line, number, start, status, exit, connect }, index): FailedRequest[] =>
      status.value === '000' && start && exit
        ? [
            {
              number: number ? Number(number.value) : index + 1,
              time: Date.parse(start.value),
              exit: exit.value,
              connected: Number(connect?.value ?? 0) > 0,
              evidence: cite(line),
            },
          ]
        : [],
    );
    return [{ subject, failed, health: health.map((sample) => healthOf(sample, cite(sample.line))) }];
  });
}

function healthOf({ at, from, node, state, status }: HealthSample, evidence: Citation): NodeHealth {
  const time = Date.parse(at.value);
  return from.value === 'pool'
    ? { node: node.value, time, from: 'pool', passes: state?.value === 'HEALTHY', evidence }
    : { node: node.value, time, from: 'node', passes: status?.value.startsWith('2') === true, evidence };
}
