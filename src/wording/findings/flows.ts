import type {
  Beginner,
  DroppedFrom,
  FlowFinding,
  FlowsBegan,
  FlowsCounted,
  FlowsDropped,
  FlowsProbesInRoundTrips,
  FlowsRoundTrip,
  InRoundTrips,
} from '../../analysis/findings/flows.ts';
import { counted, inWords } from '../../words.ts';
import { listed, NBSP, sideName, type Words } from '../parts.ts';
import { secondsText } from '../words.ts';
import type { Sentences } from './sentences.ts';

/** What flows show, in words. */
export const flowSentences: Sentences<FlowFinding> = {
  'flows-counted': total,
  'flows-began': began,
  'flows-round-trip': roundTrip,
  'flows-probes-in-round-trips': inRoundTrips,
  'flows-dropped': dropped,
};

function total({ packets, connections, forwarded, dropped, synPorts, lost }: FlowsCounted): string {
  const gone = lost === 0 ? '' : ` ${counted(lost, 'event')} ${lost === 1 ? 'was' : 'were'} lost before being printed.`;
  if (packets === 0) return `The output holds no flow.${gone}`;
  if (synPorts !== undefined)
    return `${counted(packets, 'dropped SYN')}, from ${counted(synPorts, 'source port')}.${gone}`;
  const what = `${counted(packets, 'packet event')} of ${counted(connections, 'connection')}`;
  return `${what}${fate(packets, forwarded, dropped)}.${gone}`;
}

function fate(packets: number, forwarded: number, dropped: number): string {
  const all = packets === 1 ? '' : packets === 2 ? 'both ' : 'all ';
  if (forwarded === packets) return `, ${all}forwarded`;
  if (dropped === packets) return `, ${all}dropped`;
  const others = packets - forwarded - dropped;
  const parts = [`${forwarded} forwarded`, `${dropped} dropped`];
  return `: ${inWords([...parts, ...(others > 0 ? [`${others} with another verdict`] : [])])}`;
}

function began({ beginners }: FlowsBegan): Words {
  if (beginners.length > 3)
    return [
      'Connections were begun: ',
      ...listed(beginners.map((beginner) => [`${beginner.connections} by `, ...who(beginner)])),
      '.',
    ];
  return beginners.flatMap((beginner, index) => [...(index === 0 ? [] : [' ']), ...sentence(beginner)]);
}

function who({ by, identity }: Beginner): Words {
  if ('reserved' in by) return [{ code: by.reserved }];
  const name = 'pod' in by ? by.pod : by.address;
  return identity ? [name, ' (identity ', identity, ')'] : [name];
}

/** What a reserved identity means for the addresses that packets come with: of one, of several. */
const MEANING: Readonly<Record<string, readonly [one: string, several: string]>> = {
  world: [
    'the client’s own address. It is kept where the pod is on the node that received the connection',
    'the clients’ own addresses. They are kept where the pod is on the node that received the connection',
  ],
  'remote-node': [
    'the address of another node, which relayed the traffic and put its own address in place of the client’s',
    'addresses of other nodes, which relayed the traffic and put their own in place of the client’s',
  ],
  host: ['an address of the pod’s own node', 'addresses of the pods’ own nodes'],
};

function sentence(beginner: Beginner): Words {
  const { connections, by, addresses } = beginner;
  const head = [
    `${counted(connections, 'connection')} ${connections === 1 ? 'was' : 'were'} begun by `,
    ...who(beginner),
  ];
  const meaning = 'reserved' in by ? MEANING[by.reserved] : undefined;
  if (addresses.length === 0 || !meaning) return [...head, '.'];
  return [
    ...head,
    ' from ',
    ...listed(addresses.map((address) => [address])),
    `, ${meaning[addresses.length === 1 ? 0 : 1]}.`,
  ];
}

/** `51 ms`, from a second on as seconds. */
function shortText(seconds: number): string {
  const ms = seconds * 1000;
  return ms < 1000 ? `${Number(ms.toPrecision(ms < 100 ? 2 : 3))}${NBSP}ms` : secondsText(seconds);
}

function roundTrip({ connections, typical, min, max }: FlowsRoundTrip): string {
  const what = 'From SYN-ACK to ACK, which is one round trip from the node to whoever asked,';
  if (connections === 1) return `${what} the one connection that shows both took ${shortText(typical)}.`;
  const [least, most] = [shortText(min), shortText(max)];
  if (connections === 2 && least !== most) return `${what} 2 connections took ${least} and ${most}.`;
  return least === most
    ? `${what} ${connections} connections took ${least} each.`
    : `${what} ${connections} connections took ${shortText(typical)} (median), ${least} to ${most}.`;
}

function inRoundTrips({ about, failures, answers }: FlowsProbesInRoundTrips): Words {
  const times = ({ roundTrips }: InRoundTrips) =>
    String(roundTrips < 9.95 ? Number(roundTrips.toFixed(1)) : Math.round(roundTrips));
  const said = [
    ...(failures ? [`a failure took ${shortText(failures.seconds)}, ${times(failures)} of these round trips`] : []),
    ...(answers && failures ? [`an answer ${shortText(answers.seconds)}, ${times(answers)} of them`] : []),
    ...(answers && !failures
      ? [`an answer took ${shortText(answers.seconds)}, ${times(answers)} of these round trips`]
      : []),
  ];
  const refused = failures && Math.round(failures.roundTrips * 2) === 2;
  const meaning = refused ? ' A failure of one round trip fits a refusal that came back, not silence.' : '';
  return [
    'In the probes of ',
    sideName(about.side),
    ` from outside ${said.join('; ')} (medians).${meaning} The outputs do not show whether the probes and these connections came from one place.`,
  ];
}

function dropped({ dropped: count, from, to, toIdentities, reasons }: FlowsDropped): Words {
  const one = count === 1;
  const source = ({ from: name, identity }: DroppedFrom): Words =>
    identity === undefined
      ? [name]
      : typeof identity === 'string'
        ? [name, ' (', { code: identity }, ')']
        : [name, ' (identity ', identity, ')'];
  const senders: Words =
    from.length === 1
      ? [one ? ', from ' : ', all from ', ...from.flatMap(source)]
      : [': ', ...listed(from.map((each) => [`${each.count} from `, ...source(each)]))];
  const identities: Words =
    toIdentities.length > 0 ? [' (identity ', ...listed(toIdentities.map((each) => [each])), ')'] : [];
  const reason: Words = [
    `Reason${reasons.length === 1 ? '' : 's'} printed: `,
    ...listed(reasons.map((each) => [{ code: each }])),
    '.',
  ];
  return [
    `${counted(count, 'packet')} ${one ? 'was' : 'were'} dropped`,
    ...senders,
    ', to ',
    ...listed(to.map((each) => [each])),
    ...identities,
    '. ',
    ...reason,
    ' A line names both ends, not the policy that dropped the packet.',
  ];
}
