import type { FlowFields } from '../../analysis/findings/flow-fields.ts';
import { counted } from '../../words.ts';
import { listed, type Words } from '../parts.ts';
import type { Sentences } from './sentences.ts';

/** What flows say beyond the compact form, in words. */
export const flowFieldSentences: Sentences<FlowFields> = { 'flow-fields': fields };

function fields({ flows, nodes, ingress, egress, replies, untold, labels }: FlowFields): Words {
  const on: Words =
    nodes.length === 0
      ? []
      : nodes.length === 1
        ? [flows === 1 ? ', seen on ' : ', all seen on ', ...nodes.map(({ node }) => node)]
        : [', seen on ', ...listed(nodes.map(({ node, flows: seen }): Words => [node, ` (${seen})`]))];
  const unknown = untold > 0 ? ` Of ${untold} it is not told who began.` : '';
  return [
    counted(flows, 'flow'),
    ...on,
    `: ${ingress} entered a pod, ${egress} left one; ${counted(replies, 'is a reply', 'are replies')}.${unknown} Their ends carry ${counted(labels, 'label')}.`,
  ];
}
