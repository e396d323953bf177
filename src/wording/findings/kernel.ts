import type {
  AgentServes,
  KernelFinding,
  ProgramsAtPod,
  TrackedCompared,
  TrackedConnections,
  TrackedGroup,
} from '../../analysis/findings/kernel.ts';
import { counted, examplesInWords } from '../../words.ts';
import { listed, sideName, type Words } from '../parts.ts';
import type { Sentences } from './sentences.ts';

/** What the kernel and the agent show, in words. */
export const kernelSentences: Sentences<KernelFinding> = {
  'tracked-connections': tracked,
  'tracked-compared': compared,
  'agent-serves': serves,
  'programs-at-pod': atPod,
};

const WAYS = { vip: 'VIP', 'cluster-ip': 'ClusterIP', 'node-port': 'NodePort' } as const;

function tracked({ by, groups }: TrackedConnections): string {
  return groups.map((group) => groupText(group, by)).join(' ');
}

function groupText(group: TrackedGroup, by: TrackedConnections['by']): string {
  const { kind, connections, backends, unsent } = group;
  const one = connections === 1;
  const head = `${counted(connections, 'tracked connection')} to the ${WAYS[kind]}`;
  if (backends.length === 0) return `${head}: no entry tells where ${one ? 'it was' : 'they were'} sent.`;
  const rest = unsent > 0 ? `; of ${unsent} no entry tells where it was sent` : '';
  return `${head} ${one ? 'was' : 'were'} sent to ${examplesInWords(backends)}${rest}. ${sourceText(group, by)}`;
}

/** What became of the client's address. */
function sourceText({ replaced, kept, untold, as }: TrackedGroup, by: TrackedConnections['by']): string {
  const all = replaced + kept + untold;
  const there = by === 'table' ? 'was kept' : 'is replaced by no printed entry of the NAT map';
  if (untold === all) return 'Whether the client’s address was replaced was not captured.';
  const address = 'The client’s address';
  if (kept === all) return `${address} ${there}${all === 1 ? '' : ' in each'}.`;
  const by_ = `by ${examplesInWords(as)}`;
  if (replaced === all) return `${address} was replaced${all === 1 ? '' : ' in each'}, ${by_}.`;
  const parts = [
    `${address} was replaced in ${replaced}, ${by_}`,
    ...(kept > 0 ? [`in ${kept} it ${there}`] : []),
    ...(untold > 0 ? [`of ${untold} it was not captured`] : []),
  ];
  return `${parts.join('; ')}.`;
}

function compared({ sides }: TrackedCompared): Words {
  const part = (side: 'v1' | 'v2'): Words => [
    sideName(side),
    ` in ${sides[side].replaced} of ${sides[side].connections}`,
  ];
  return [
    'Of the tracked connections from outside, the client’s address was replaced on ',
    ...part('v1'),
    ' and on ',
    ...part('v2'),
    '.',
  ];
}

function serves({ setting, value, coverage }: AgentServes): Words {
  switch (setting) {
    case 'kubeProxyReplacement':
      return replacement(value);
    case 'socketLb':
      return socket(value, coverage);
    case 'nodePortMode':
      return relayed(value);
    case 'masquerading':
      return masqueraded(value);
  }
}

function replacement(value: string): Words {
  const head: Words = [{ code: 'KubeProxyReplacement' }, ' is ', { code: value }];
  if (value === 'True' || value === 'Strict') return [...head, ': the agent serves Services in place of kube-proxy.'];
  if (value === 'False' || value === 'Disabled') return [...head, ': the agent does not take the place of kube-proxy.'];
  return [...head, ': the agent takes the place of kube-proxy in part.'];
}

function socket(value: string, coverage: string | undefined): Words {
  const head: Words = ['Socket load balancing is ', { code: value }];
  if (value === 'Disabled')
    return [...head, ': a packet of a pod to a ClusterIP is translated where it enters the node.'];
  if (value !== 'Enabled') return [...head, '.'];
  if (coverage === undefined) return [...head, '; whether that includes pods is not printed.'];
  const covered: Words = [...head, ', coverage ', { code: coverage }];
  if (coverage === 'Full')
    return [
      ...covered,
      ': a pod’s connection to a ClusterIP is translated when the pod opens it, so that no packet to the ClusterIP exists.',
    ];
  return [
    ...covered,
    ': pods are left out, so that their packets to a ClusterIP are translated where they enter the node.',
  ];
}

const RELAYED: Readonly<Record<string, string>> = {
  SNAT: 'a node that relays a connection from outside puts its own address in place of the client’s.',
  DSR: 'a node that relays a connection from outside keeps the client’s address, and the pod’s node answers the client itself.',
  Hybrid:
    'a node that relays a connection from outside keeps the client’s address for TCP and puts its own in its place for UDP.',
};

function relayed(mode: string): Words {
  const what = Object.hasOwn(RELAYED, mode) ? RELAYED[mode] : undefined;
  return ['The mode of NodePorts is ', { code: mode }, what === undefined ? '.' : `: ${what}`];
}

function masqueraded(value: string): Words {
  const head: Words = ['Masquerading is ', { code: value }];
  if (value === 'Disabled') return [...head, ': the agent leaves the addresses of pods as they are.'];
  return [...head, ': what pods send out of the cluster may leave with the address of their node.'];
}

function atPod({ pod, inside, index, device, programs }: ProgramsAtPod): Words {
  const whose: Words = pod ? [{ code: inside }, ' of ', pod] : [{ code: inside }, ' of the pod'];
  if (device === undefined)
    return ['The other end of ', ...whose, ` is interface ${index} of the node: no program stands there.`];
  const each = programs.map(({ name, kind }): Words => [{ code: name }, ' (', { code: kind }, ')']);
  return [
    'At ',
    { code: device },
    ', the other end of ',
    ...whose,
    `, ${programs.length === 1 ? 'stands' : 'stand'} `,
    ...listed(each),
    '.',
  ];
}
