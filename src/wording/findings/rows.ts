import type { RuleId } from '../../analysis/compare/rules.ts';
import type { RowCompared, RowFinding } from '../../analysis/findings/rows.ts';
import { counted, inWords } from '../../words.ts';
import { roleLabel } from '../words.ts';
import type { Sentences } from './sentences.ts';

/** What a rule sets aside, in words: one of it, and several where the plural is not regular. */
const ASIDE: Record<RuleId, readonly [one: string, many?: string]> = {
  address: ['address without a role', 'addresses without a role'],
  age: ['age'],
  count: ['count'],
  timestamp: ['time of day', 'times of day'],
  'generated-name': ['generated name'],
  hash: ['generated identifier'],
  project: ['project id'],
  mac: ['MAC address'],
  inode: ['kernel number of a socket or interface', 'kernel numbers of sockets or interfaces'],
  'momentary-socket': ['value of a socket that does not listen', 'values of sockets that do not listen'],
  'client-port': ['client port'],
  order: ['value in another order', 'values in another order'],
  'answering-pod': ['answering pod'],
  latency: ['time of a request', 'times of requests'],
};

/** What a rule sets aside, in words, of one. */
export function asideLabel(rule: RuleId): string {
  return ASIDE[rule][0];
}

/** How a row compares, in words. */
export const rowSentences: Sentences<RowFinding> = {
  'row-compared': compared,
};

function compared({ values, equal, byRole, aside, different }: RowCompared): string {
  if (values === 0) return 'No value of one side has a place on the other.';
  if (equal === values)
    return values === 1
      ? 'The one value is the same on both sides.'
      : `All ${values} values are the same on both sides.`;
  const head =
    equal === 0
      ? `${counted(values, 'value')} ${values === 1 ? 'is' : 'are'} compared.`
      : `Of ${counted(values, 'value')} ${equal} ${equal === 1 ? 'is' : 'are'} equal.`;
  const matched = byRole.map(({ role, count }) => counted(count, roleLabel(role)));
  const left = aside.map(({ rule, count }) => counted(count, ...ASIDE[rule]));
  return [
    head,
    ...(matched.length > 0 ? [`Matched by role: ${inWords(matched)}.`] : []),
    ...(left.length > 0 ? [`Set aside: ${inWords(left)}.`] : []),
    different === 0 ? 'Nothing else differs.' : `${different} ${different === 1 ? 'differs' : 'differ'}.`,
  ].join(' ');
}
