import { joined } from '../../model/citation.ts';
import type { Model } from '../../model/model.ts';
import { aboutOutput, type FindingOf, type Named } from './finding.ts';

/** What the flows of an output say beyond the compact form. */
export interface FlowFields extends FindingOf<'flow-fields'> {
  flows: number;
  /** Nodes that saw them, in the order of their first flow. */
  nodes: { node: Named; flows: number }[];
  /** Those that entered an endpoint and those that left one. */
  ingress: number;
  egress: number;
  /** Those of the end that did not begin, and those of which that is not told. */
  replies: number;
  untold: number;
  /** How many different labels the ends have. */
  labels: number;
}

/** What flows say beyond the compact form, in page order; nothing for flows that say no more. */
export function flowFieldFindings({ subjects, sides }: Model): FlowFields[] {
  return subjects.flatMap((subject): FlowFields[] => {
    const packets = sides[subject.side].flows.find(({ capture }) => capture === subject.key)?.packets ?? [];
    if (!packets.some(({ way }) => way)) return [];
    const seen = packets.flatMap(({ node }) => (node ? [node.value] : []));
    const count = (test: (packet: (typeof packets)[number]) => boolean) => packets.filter(test).length;
    return [
      {
        kind: 'flow-fields',
        about: aboutOutput(subject),
        places: joined(packets.map(({ evidence }) => evidence)),
        flows: packets.length,
        nodes: [...Map.groupBy(seen, (node) => node)].map(([value, all]) => ({
          node: { role: 'node', side: subject.side, value },
          flows: all.length,
        })),
        ingress: count(({ way }) => way === 'ingress'),
        egress: count(({ way }) => way === 'egress'),
        replies: count(({ direction }) => direction === 'reply'),
        untold: count(({ direction }) => direction === 'unknown'),
        labels: new Set(packets.flatMap(({ ends }) => ends.flatMap(({ labels }) => labels))).size,
      },
    ];
  });
}
