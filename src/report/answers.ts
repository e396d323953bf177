import type { Finding } from '../analysis/findings.ts';
import type { PacketWalk } from '../analysis/packets.ts';
import type { Subject } from '../model/subject.ts';
import { type SideId, sideIds, type Verdict } from '../recipe/schema.ts';
import type { ReportFigures } from './figure-data.ts';

/*
 * What a reader would repeat to a colleague, put together from what the findings and the figures say. What a recording
 * does not show is not there.
 */

/** What the first packet of a connection meets on each side. */
export interface FirstPacket {
  kind: 'first-packet';
  layers: string[];
  /** In words: `outside → VIP`. */
  label: string;
  /** Rules it is compared with: the fewest and the most, over all its branches. */
  rules: {
    side: SideId;
    min: number;
    max: number;
    /** On the longest branch, in order: true where a rule matches. Absent where that cannot be told. */
    longest?: boolean[];
  };
  /** Rows of the other side's list that its key finds, and all of them; absent where there is no list. */
  row?: { side: SideId; found: number; of?: number };
}

/** What a failure looked like to the client. */
export interface Failure {
  /** Median. */
  seconds: number;
  /**
   * `refusal`: one round trip, as the flows of the side show it. `silence`: whole seconds, each as long as the other, as
   * a timer of the client would end them.
   */
  fits?: 'refusal' | 'silence';
}

/** What a client outside met, on each side, where the sides differ. */
export interface ClientMet {
  kind: 'client-met';
  layers: string[];
  /** Title of the row. */
  title: string;
  /** What was set before, where both sides say the same: the external traffic policy, and the pods that were left. */
  policy?: string;
  pods?: number;
  sides: Record<SideId, { requests: boolean[]; seconds: number; failure?: Failure }>;
  /** The next probe of each side, where no pod was taken away or added in between. */
  later: { side: SideId; answered: number; of: number }[];
}

/** What one side alone could show. */
export interface OneSided {
  kind: 'one-sided';
  layers: string[];
  side: SideId;
  /** Packet events of each of these layers, and how many of them were dropped. */
  events: { layer: string; packets: number; dropped: number }[];
  /** True where the recipe has no command for the other side. */
  notAsked: boolean;
}

/** Something to repeat to a colleague. */
export type Answer = FirstPacket | ClientMet | OneSided;

/** What answers are put together from. */
export interface AnswerGrounds {
  subjects: readonly Subject[];
  packets: readonly PacketWalk[];
  findings: readonly Finding[];
  figures: ReportFigures;
  /** With their rows, and the outputs the recipe has of each side. */
  layers: readonly {
    id: string;
    verdict: Verdict;
    rows: readonly { id: string; sides: Partial<Record<SideId, unknown>> }[];
  }[];
}

/** What the outputs answer, in the order of the layers. */
export function answersOf(grounds: AnswerGrounds): Answer[] {
  return [...firstPacket(grounds), ...clientMet(grounds), ...oneSided(grounds)];
}

const sideOf = (capture: string) => sideIds.find((side) => capture.startsWith(`${side}/`));

function firstPacket({ packets, subjects, findings }: AnswerGrounds): FirstPacket[] {
  const [packet] = packets;
  const layer = subjects.find(({ key }) => key === packet?.rules.capture)?.layer;
  const side = packet && sideOf(packet.rules.capture);
  if (!packet || layer === undefined || !side) return [];
  const { examined } = packet.rules.walk;
  const longest = longestWay(packet.rules.walk);
  const other = packet.services && sideOf(packet.services.capture);
  const list = findings.find((one) => one.kind === 'map-own' && one.about.side === other && one.prints === 'services');
  const of = list?.kind === 'map-own' ? list.all : undefined;
  return [
    {
      kind: 'first-packet',
      layers: [layer],
      label: packet.label,
      rules: { side, min: examined.min, max: examined.max, ...(longest && { longest }) },
      ...(other && {
        row: { side: other, found: packet.services?.lookup.frontend ? 1 : 0, ...(of !== undefined && { of }) },
      }),
    },
  ];
}

/**
 * The rules of the longest branch in order. A branch names its matches; the rules between them are those of the chains
 * in which something matched, as far as that comes to the number of rules the branch has.
 */
function longestWay({ branches, steps }: PacketWalk['rules']['walk']): boolean[] | undefined {
  const [branch] = branches.toSorted((a, b) => b.examined - a.examined);
  if (!branch) return undefined;
  const chains = new Set(branch.matched.map((at) => steps[at]?.chain));
  const way = steps.flatMap(({ chain }, at) => (chains.has(chain) ? [branch.matched.includes(at)] : []));
  return way.length === branch.examined ? way : undefined;
}

/** Failures that differ by less than this share of a second were ended by the same timer. */
const TIMER = 0.05;

function clientMet({ findings, figures, layers }: AnswerGrounds): ClientMet[] {
  const compared = findings.flatMap((one) => (one.kind === 'probe-compared' ? [one] : []));
  const left = findings.flatMap((one) => (one.kind === 'pod-left' ? [one] : []));
  const place = ({ about }: { about: Finding['about'] }) => {
    const rows = layers.find(({ id }) => id === about.layer)?.rows ?? [];
    return rows.findIndex(({ id }) => id === about.row);
  };
  const before = (one: Finding, other: Finding) => one.about.layer === other.about.layer && place(one) < place(other);
  const finding = compared.find((one) => left.some((scaled) => before(scaled, one))) ?? compared[0];
  const timeline = figures.timeline?.data.rows.find(({ row }) => row === finding?.about.row);
  const { v1, v2 } = timeline?.sides ?? {};
  if (!finding || !timeline || !v1 || !v2) return [];
  /** What the last output before says on each side, where both say the same. */
  const agreed = <Value>(values: readonly { side?: SideId; value?: Value }[]): Value | undefined => {
    const [one, other] = sideIds.map((side) => values.findLast((each) => each.side === side)?.value);
    return one === other ? one : undefined;
  };
  const earlier = findings.filter((one) => before(one, finding));
  const policy = agreed(
    earlier.flatMap((one) => (one.kind === 'external-policy' ? [{ side: one.about.side, value: one.policy }] : [])),
  );
  const pods = agreed(
    earlier.flatMap((one) => (one.kind === 'pod-left' ? [{ side: one.about.side, value: one.replicas }] : [])),
  );
  const scaled = left.find((one) => before(finding, one));
  const after = findings.flatMap((one) =>
    one.kind === 'probe-answered' && before(finding, one) && (!scaled || before(one, scaled)) ? [one] : [],
  );
  const later = sideIds.flatMap((id): ClientMet['later'] => {
    const next = after.find(({ about }) => about.side === id);
    return next ? [{ side: id, answered: next.answered, of: next.requests }] : [];
  });
  const side = (id: SideId, { requests, seconds, failed }: typeof v1): ClientMet['sides'][SideId] => {
    const { typical, min = 0, max = 0 } = failed;
    const trips = findings.find((one) => one.kind === 'flows-probes-in-round-trips' && one.about.side === id);
    const failures = trips?.kind === 'flows-probes-in-round-trips' ? trips.failures : undefined;
    const timer =
      typical !== undefined && typical >= 1 && max - min < TIMER && Math.abs(typical - Math.round(typical)) < TIMER;
    const fits = timer ? 'silence' : failures && Math.round(failures.roundTrips * 2) === 2 ? 'refusal' : undefined;
    return {
      requests: requests.map(({ answered }) => answered),
      seconds,
      ...(typical !== undefined && { failure: { seconds: typical, ...(fits && { fits }) } }),
    };
  };
  return [
    {
      kind: 'client-met',
      layers: [finding.about.layer],
      title: timeline.name,
      ...(policy !== undefined && { policy }),
      ...(pods !== undefined && { pods }),
      sides: { v1: side('v1', v1), v2: side('v2', v2) },
      later,
    },
  ];
}

function oneSided({ findings, layers }: AnswerGrounds): OneSided[] {
  return sideIds.flatMap((side) => {
    const own = layers.filter(({ verdict }) => verdict === `only-${side}`);
    const other = sideIds.find((id) => id !== side) as SideId;
    if (own.length === 0) return [];
    const ids = own.map(({ id }) => id);
    return [
      {
        kind: 'one-sided',
        layers: ids,
        side,
        events: ids.flatMap((layer) => {
          const found = findings.find((one) => one.kind === 'flows-counted' && one.about.layer === layer);
          return found?.kind === 'flows-counted' ? [{ layer, packets: found.packets, dropped: found.dropped }] : [];
        }),
        notAsked: own.every(({ rows }) => rows.every(({ sides }) => !sides[other])),
      },
    ];
  });
}
