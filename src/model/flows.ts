import type { Flow } from '../formats/hubble-flows.ts';
import type { JsonFlow } from '../formats/hubble-flows-json.ts';
import type { Located } from '../formats/types.ts';
import { type Stated, stated } from './stated.ts';
import type { Subject } from './subject.ts';

/** A packet on its way to a pod, as Hubble saw it. */
export interface SeenFlow {
  subject: Subject;
  /** Name of the pod that sent it, or its address. */
  from: Stated;
  fromIdentity: Stated | undefined;
  /** Name and namespace of the pod it was sent to, and its port there. */
  to: Stated;
  namespace: string | undefined;
  port: Stated | undefined;
  verdict: Stated;
  /** Where it was seen, or why it was dropped: `to-endpoint`, `Policy denied`. */
  event: string;
  /** True where it is sure to go from the end that began; a packet whose direction is not known may be a reply. */
  asks: boolean;
}

/** The packets of an output that were sent to pods, without known replies. */
export function flowsIn(subject: Subject): SeenFlow[] {
  const { parsed } = subject;
  if (parsed.format === 'hubble-flows')
    return parsed.events.flatMap((event) => (event.type === 'flow' ? compactFlow(subject, event) : []));
  if (parsed.format === 'hubble-flows-json')
    return parsed.events.flatMap((event) => (event.type === 'flow' ? jsonFlow(subject, event) : []));
  return [];
}

function compactFlow(subject: Subject, { left, right, direction, verdict, event, summary }: Flow): SeenFlow[] {
  if (!right.name || direction?.value === '<-') return [];
  const id = left.identity?.id;
  return [
    {
      subject,
      from: stated(subject, left.name ?? left.host),
      fromIdentity: id && stated(subject, id),
      to: stated(subject, right.name),
      namespace: right.namespace?.value,
      port: right.port && stated(subject, right.port),
      verdict: stated(subject, verdict),
      event: event.value,
      asks: direction?.value === '->' || begins(summary.tcpFlags),
    },
  ];
}

function jsonFlow(subject: Subject, flow: JsonFlow): SeenFlow[] {
  const { source, destination, verdict, dropReason, direction, isReply, flags } = flow;
  const from = source.pod ?? source.ip;
  if (!from || !destination.pod || !verdict || isReply?.value === 'true') return [];
  const at = direction?.value === 'INGRESS' ? 'to-endpoint' : 'from-endpoint';
  return [
    {
      subject,
      from: stated(subject, from),
      fromIdentity: source.identity && stated(subject, source.identity),
      to: stated(subject, destination.pod),
      namespace: destination.namespace?.value,
      port: destination.port && stated(subject, destination.port),
      verdict: stated(subject, verdict),
      event: dropReason ? dropReason.value.replaceAll('_', ' ') : at,
      asks: isReply?.value === 'false' || begins(flags),
    },
  ];
}

/** SYN without ACK opens a TCP connection (RFC 9293). */
function begins(flags: readonly Located[]): boolean {
  const set = flags.map(({ value }) => value);
  return set.includes('SYN') && !set.includes('ACK');
}
