import { citationsOf } from '../../model/citation.ts';
import type { HubbleStatus } from '../../model/hubble.ts';
import type { Model } from '../../model/model.ts';
import { aboutOutput, type FindingOf } from './finding.ts';

/** How many flows Hubble's ring buffers hold. */
export interface HubbleBuffer extends FindingOf<'hubble-buffer'> {
  held: number;
  room: number;
}

/** How many nodes the relay is connected to. */
export interface HubbleNodes extends FindingOf<'hubble-nodes'> {
  connected: number;
  known: number;
}

/** How far back the flows reach that Hubble holds, at the rate it prints. */
export interface HubbleMemory extends FindingOf<'hubble-memory'> {
  held: number;
  perSecond: number;
  seconds: number;
}

/** What `hubble status` shows. */
export type HubbleFinding = HubbleBuffer | HubbleNodes | HubbleMemory;

/** What the outputs of `hubble status` show, in page order. */
export function hubbleFindings({ subjects, sides }: Model): HubbleFinding[] {
  return subjects.flatMap((subject) =>
    sides[subject.side].hubble.statuses
      .filter(({ capture }) => capture === subject.key)
      .flatMap((status) => {
        const about = aboutOutput(subject);
        const cite = (...counts: readonly (HubbleStatus['currentFlows'] | undefined)[]) =>
          citationsOf(
            [subject],
            counts.flatMap((count) => (count ? [count.at] : [])),
          );
        const { currentFlows: held, maxFlows: room, flowsPerSecond: rate, connectedNodes, knownNodes } = status;
        const known = knownNodes ?? connectedNodes;
        const findings: HubbleFinding[] = [];
        if (held && room)
          findings.push({
            kind: 'hubble-buffer',
            about,
            places: cite(held, room),
            held: held.amount,
            room: room.amount,
          });
        if (connectedNodes && known)
          findings.push({
            kind: 'hubble-nodes',
            about,
            places: cite(connectedNodes, known),
            connected: connectedNodes.amount,
            known: known.amount,
          });
        if (held && rate && held.amount > 0 && rate.amount > 0)
          findings.push({
            kind: 'hubble-memory',
            about,
            places: cite(held, rate),
            held: held.amount,
            perSecond: rate.amount,
            seconds: held.amount / rate.amount,
          });
        return findings;
      }),
  );
}
