import type { ChainFinding, NodesByNumber, PolicyChain } from '../../analysis/findings/chain.ts';
import { counted } from '../../words.ts';
import type { Words } from '../parts.ts';
import type { Sentences } from './sentences.ts';

/** What becomes of clients by the policy, in words. */
export const chainSentences: Sentences<ChainFinding> = {
  'policy-chain': chain,
  'nodes-by-number': byNumber,
};

function chain(finding: PolicyChain): Words {
  const sentences = [whoIs(finding), whatMapSays(finding), whatBecame(finding)].filter((words) => words.length > 0);
  return sentences.flatMap((words, index) => (index === 0 ? words : [' ', ...words]));
}

function whoIs({ client, label, identity, cached }: PolicyChain): Words {
  const who: Words = label === undefined ? [client] : [client, ' (', { code: label }, ')'];
  if (!identity) return [...who, ' is in no table of identities.'];
  const head: Words = [...who, ' has identity ', identity];
  if (!cached) return [...head, '.'];
  const { address, identity: found } = cached;
  return found.value === identity.value
    ? [...head, ', which the ipcache gives its address ', { code: address }, '.']
    : [...head, '; the ipcache gives its address ', { code: address }, ' identity ', found, '.'];
}

function whatMapSays({ endpoints, entry }: PolicyChain): Words {
  const [first] = endpoints?.ids ?? [];
  const count = endpoints?.ids.length ?? 0;
  const who =
    count === 1 ? `Endpoint ${first}, a pod of the Service,` : `Of the Service, ${counted(count, 'endpoint')}`;
  const verb = endpoints?.enforced ? ['enforces', 'enforce'] : ['does not enforce', 'do not all enforce'];
  const enforces = endpoints && `${who} ${verb[count === 1 ? 0 : 1]} a policy on what comes in`;
  if (!entry) return enforces ? [`${enforces}.`] : [];
  const packets = entry.packets === undefined ? 'no packets counted' : `${counted(entry.packets, 'packet')} counted`;
  const has = {
    allow: `an entry that lets it in (${packets})`,
    deny: `an entry that denies it (${packets})`,
    none: 'no entry for it',
  }[entry.is];
  return enforces ? [`${enforces}; the policy map has ${has}.`] : [`The policy map has ${has}.`];
}

function whatBecame({ answered, drops }: PolicyChain): Words {
  const outcome = answered ? 'It is answered' : 'It gets no answer';
  if (drops === undefined) return [`${outcome}.`];
  if (drops === 0) return [`${outcome}, and no packet of it was captured as denied.`];
  return [`${outcome}; ${counted(drops, 'packet')} of it ${drops === 1 ? 'was' : 'were'} captured as denied.`];
}

function byNumber({ host, remoteNode }: NodesByNumber): string {
  const entry = (has: boolean) => (has ? 'has an entry' : 'has none');
  const relayed = remoteNode
    ? 'traffic that another node relays is let in'
    : 'traffic that another node relays is denied';
  return `By number, the host (1) ${entry(host)} and another node (6) ${entry(remoteNode)}: by this map, ${relayed}.`;
}
