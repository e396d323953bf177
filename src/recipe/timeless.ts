import type { Problem } from '../problem.ts';
import { RECIPE_FILE } from './load.ts';
import type { ProseEntry } from './prose.ts';
import { proseParts } from './prose-parts.ts';

/*
 * What layers.yaml says holds for every recording of the recipe. A number, an outcome counted in words or the place of a
 * side on the screen holds for one: those belong to findings, which are computed, or to captures/observations.yaml.
 */

/** Digits that no letter precedes, so that L4, V2 and IPv4 are words. */
const NUMERAL = /(?<![\p{L}\p{N}_.])\d+(?:[.,]\d+)*/u;
const NUMBER_WORD =
  /\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|first|both|all|none|twice|half)\b/i;
const SIDE_OF_THE_SCREEN = /\bon the (?:left|right)\b/i;

/** An expression, as older recipes had, or a mark that names no source. */
const UNREAD = /\{\{[^}]*\}?\}?|\[\[[^\]]*\]?\]?/;

/** Prose without what is set as code, and without numbers marked with their source. */
function plain(text: string): string {
  return proseParts(text)
    .map((part) => (part.code || part.source !== undefined ? ' ' : part.text))
    .join('');
}

/** Every numeral, number word and side of the screen in the prose of a recipe, with its line. */
export function timelyWords(entries: readonly ProseEntry[]): Problem[] {
  return entries.flatMap((entry) => {
    const text = plain(entry.text);
    return [UNREAD, NUMERAL, NUMBER_WORD, SIDE_OF_THE_SCREEN].flatMap((pattern) => {
      const found = new RegExp(pattern, `${pattern.flags}g`);
      return [...text.matchAll(found)].map(
        ([word]): Problem => ({
          file: RECIPE_FILE,
          line: entry.lineOf(word),
          subject: entry.subject,
          expected: 'words that hold for every recording',
          found: JSON.stringify(word),
          fix:
            pattern === SIDE_OF_THE_SCREEN
              ? 'Name the side, V1 or V2.'
              : 'Leave it to a finding, which counts it; or write a remark on this recording into captures/observations.yaml; a number with a source of its own is marked [[8 s|its source]].',
        }),
      );
    });
  });
}
