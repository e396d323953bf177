import type { Role } from '../analysis/types.ts';
import type { SideId } from '../recipe/schema.ts';
import { examples } from '../words.ts';

/** A piece of a sentence: plain text, code, a value in the colour of its role, or a side in its colour. */
export type Part =
  | string
  | { code: string }
  | { value: string; role: Role; side: SideId }
  | { side: SideId; text: string };

/** A sentence, or several, in pieces. */
export type Words = readonly Part[];

/** The sentence as plain text. */
export function plainText(words: Words): string {
  return words
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('code' in part) return part.code;
      return 'value' in part ? part.value : part.text;
    })
    .join('');
}

/** Pieces in a list: `a, b, c, d, e and 7 more`; nothing for an empty one. */
export function listed(all: readonly Words[], last = ' and '): Words {
  const told = examples(all);
  return told.flatMap((one, index) => {
    const between = index === 0 ? '' : index === told.length - 1 ? last : ', ';
    return [...(between ? [between] : []), ...(typeof one === 'string' ? [one] : one)];
  });
}

/** `V1` in its colour. */
export function sideName(side: SideId): Part {
  return { side, text: side.toUpperCase() };
}

/** Between a number and its unit stands a blank that does not break. */
export const NBSP = '\u00a0';
