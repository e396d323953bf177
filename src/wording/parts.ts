import type { Role } from '../analysis/types.ts';
import type { SideId } from '../recipe/schema.ts';

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

/** `V1` in its colour. */
export function sideName(side: SideId): Part {
  return { side, text: side.toUpperCase() };
}

/** Between a number and its unit stands a blank that does not break. */
export const NBSP = '\u00a0';
