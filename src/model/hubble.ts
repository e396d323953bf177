import type { HubbleStatus as ParsedStatus } from '../formats/hubble-status.ts';
import type { Located } from '../formats/types.ts';
import { replicaSetOf } from './pods.ts';
import { type Stated, stated } from './stated.ts';
import type { Subject } from './subject.ts';

/** A number as printed, commas included, and what it amounts to. */
export interface Count extends Stated {
  amount: number;
}

/** What a `hubble status` counts; what it does not print is absent. */
export interface HubbleStatus {
  capture: string;
  /** Flows the ring buffers hold, have room for, and the share in use in per cent. */
  currentFlows?: Count;
  maxFlows?: Count;
  usedPercent?: Count;
  /** Flows a second, as hubble reckons them; absent for its `N/A`. */
  flowsPerSecond?: Count;
  /** Counted by a relay alone; an agent's own server counts no nodes (cilium, pkg/hubble/observer). */
  connectedNodes?: Count;
  knownNodes?: Count;
  unavailableNodes?: Count;
  /** Names of unavailable nodes, as many as were printed. */
  unavailable: Stated[];
}

/** A pod of the relay in a table of pods. */
export interface RelayPod {
  capture: string;
  name: string;
  /** `2/3`: containers that are ready of those there are. */
  ready: Stated;
  /** Its phase where the table has one, else `Running`. */
  state: string;
  isReady: boolean;
}

/** What one side says of Hubble itself. */
export interface HubbleFacts {
  statuses: HubbleStatus[];
  relays: RelayPod[];
}

/** Deployment of the relay in Cilium's Helm chart, and so in GKE's managed Hubble. */
const RELAY = 'hubble-relay';

/** Reads what the outputs say of Hubble itself. */
export function hubbleFacts(subjects: readonly Subject[]): HubbleFacts {
  return {
    statuses: subjects.flatMap((subject) =>
      subject.parsed.format === 'hubble-status' ? [statusOf(subject, subject.parsed)] : [],
    ),
    relays: subjects.flatMap(relaysIn),
  };
}

const COUNTS = [
  'currentFlows',
  'maxFlows',
  'usedPercent',
  'flowsPerSecond',
  'connectedNodes',
  'knownNodes',
  'unavailableNodes',
] as const;

function statusOf(subject: Subject, status: ParsedStatus): HubbleStatus {
  const count = (at: Located): Count => ({ ...stated(subject, at), amount: Number(at.value.replaceAll(',', '')) });
  return {
    capture: subject.key,
    ...Object.fromEntries(
      COUNTS.flatMap((name) => (status[name] && status[name].value !== 'N/A' ? [[name, count(status[name])]] : [])),
    ),
    unavailable: status.unavailable.map((node) => stated(subject, node)),
  };
}

function relaysIn(subject: Subject): RelayPod[] {
  if (subject.parsed.format !== 'kubectl-table') return [];
  return subject.parsed.tables.flatMap(({ headings, rows }) => {
    const column = (name: string) => headings.findIndex(({ value }) => value === name);
    const [name, ready, state] = [column('NAME'), column('READY'), column('STATUS')];
    return rows.flatMap(({ cells }) => {
      const [, kind = 'pod', pod = ''] = /^(?:([^/]+)\/)?(.*)$/.exec(cells[name]?.value ?? '') ?? [];
      const set = replicaSetOf(pod);
      const at = cells[ready];
      const [, some, all] = /^(\d+)\/(\d+)$/.exec(at?.value ?? '') ?? [];
      if (kind !== 'pod' || set?.slice(0, set.lastIndexOf('-')) !== RELAY || !at || all === undefined) return [];
      const phase = cells[state]?.value ?? 'Running';
      const isReady = some === all && all !== '0' && phase === 'Running';
      return [{ capture: subject.key, name: pod, ready: stated(subject, at), state: phase, isReady }];
    });
  });
}
