import type { HubbleBuffer, HubbleFinding, HubbleMemory, HubbleNodes } from '../../analysis/findings/hubble.ts';
import { counted, grouped } from '../../words.ts';
import { NBSP } from '../parts.ts';
import { secondsText } from '../words.ts';
import type { Sentences } from './sentences.ts';

/** What `hubble status` shows, in words. */
export const hubbleSentences: Sentences<HubbleFinding> = {
  'hubble-buffer': buffer,
  'hubble-nodes': nodes,
  'hubble-memory': memory,
};

function buffer({ held, room }: HubbleBuffer): string {
  const has = `Hubble holds ${held === 0 ? 'no flow' : counted(held, 'flow')} and has room for ${grouped(room)}`;
  return held >= room && room > 0
    ? `${has}: its ring buffers are full, and a new flow overwrites the oldest.`
    : `${has}.`;
}

function nodes({ connected, known }: HubbleNodes): string {
  if (connected === known) {
    if (known === 1) return 'The relay is connected to the only node it knows.';
    if (known === 2) return 'The relay is connected to both nodes it knows.';
    if (known > 1) return `The relay is connected to all ${known} nodes it knows.`;
    return 'The relay knows no node.';
  }
  if (known === 1) return 'The relay is not connected to the only node it knows.';
  return `The relay is connected to ${connected === 0 ? 'none' : connected} of the ${counted(known, 'node')} it knows.`;
}

/** `2.3 s`, `5 min`, `3 h`. */
function spanText(seconds: number): string {
  if (seconds < 120) return secondsText(seconds);
  return seconds < 7200 ? `${Math.round(seconds / 60)}${NBSP}min` : `${grouped(Math.round(seconds / 3600))}${NBSP}h`;
}

function memory({ held, perSecond, seconds }: HubbleMemory): string {
  return `At ${grouped(perSecond)} flows a second, ${counted(held, 'flow')} ${held === 1 ? 'is' : 'are'} about ${spanText(seconds)} of memory.`;
}
