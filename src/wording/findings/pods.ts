import type { PodFinding, PodInspected, PodLeft, PodSockets, PodsSince } from '../../analysis/findings/pods.ts';
import { counted, inWords } from '../../words.ts';
import type { Words } from '../parts.ts';
import type { Sentences } from './sentences.ts';

/** What the outputs show of pods, in words. */
export const podSentences: Sentences<PodFinding> = {
  'pod-inspected': inspected,
  'pod-sockets': sockets,
  'pod-left': left,
  'pods-since': since,
};

function inspected({ pod, address, isEndpoint }: PodInspected): Words {
  if (!address) return ['Pod ', pod, ' was looked into; its address was not shown.'];
  const among =
    isEndpoint === undefined
      ? '; the recorded lists of endpoints do not say whether that is one'
      : isEndpoint
        ? ', which is one of the endpoints'
        : ', which no list of endpoints holds';
  return ['Pod ', pod, ' has the address ', address, `${among}.`];
}

function sockets({ listens, others }: PodSockets): string {
  const ports = listens.length === 1 ? `port ${listens[0]}` : `ports ${inWords(listens)}`;
  const listening = listens.length === 0 ? 'No socket listens.' : `The pod listens on ${ports}.`;
  if (others === 0) return listening;
  return `${listening} ${counted(others, 'other socket')} ${others === 1 ? 'is' : 'are'} set aside: a request was just made.`;
}

function left({ pod, node, replicas, before, nodes }: PodLeft): Words {
  const were = before === 1 ? 'was' : 'were';
  const change =
    before === undefined || before === replicas ? '' : `, where there ${were} ${counted(before, 'endpoint')} before`;
  const head = replicas === undefined ? 'Pod ' : `${counted(replicas, 'replica')}${change}: pod `;
  if (!node) return [head, pod, ' is left; its node was not shown.'];
  return [head, pod, ' stands on node ', node, ...(nodes ? [othersOf(nodes.idle)] : ['.'])];
}

function othersOf(idle: number): string {
  if (idle === 0) return ', the only node.';
  return idle === 1 ? '. The other node has none.' : `. The other ${idle} nodes have none.`;
}

function since({ listed, kept, gone, since: layer, scaled }: PodsSince): string {
  const earlier = layer.toUpperCase();
  const changed = kept < listed || gone > 0;
  const scalings = scaled.map(({ from, to }) => `from ${from} to ${to}`);
  const untold = changed ? ' No output in between tells why.' : '';
  const why = scaled.length > 0 ? ` In between the Deployment was scaled ${inWords(scalings)}.` : untold;
  const missing = gone > 0 ? `; ${gone} of ${earlier} ${gone === 1 ? 'is' : 'are'} gone` : '';
  return `${addresses(listed, kept, earlier)}${missing}.${why}`;
}

function addresses(listed: number, kept: number, earlier: string): string {
  const have = (count: number, of: string) => `${of} ${count === 1 ? 'has an address' : 'have addresses'}`;
  const all = have(listed, listed === 1 ? 'The pod' : listed === 2 ? 'Both pods' : `All ${listed} pods`);
  if (kept === listed) return `${all} that ${earlier} lists`;
  if (kept === 0) return `${all} that ${earlier} does not list`;
  const fresh = listed - kept;
  const others = `${fresh} ${fresh === 1 ? 'has a new one' : 'have new ones'}`;
  return `Of ${listed} pods, ${have(kept, String(kept))} that ${earlier} lists and ${others}`;
}
