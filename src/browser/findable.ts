/** What the search finds, taken from the page itself: lines of outputs, commands, and what is said about them. */

/** A line, a command or a sentence that can be found. */
interface Entry {
  /** What it belongs to: the layer's section, the output's panel or, for what is said of a layer, that section. */
  layer: HTMLElement;
  panel: HTMLElement | null;
  side: string;
  /** Number of the line, `$` for a command, nothing for a sentence. */
  label: string;
  text: string;
  /** What holds it, and where it begins in it. */
  holder: HTMLElement;
  start: number;
}

/** A match and what leads there. */
export interface Hit extends Entry {
  at: number;
  length: number;
  /** The lower the earlier: a line in the very case, a line in any, a command, a sentence. */
  rank: number;
}

const SAID = 'h2, .summary, .findings li, .words p, .flag p, figcaption, .absent, .origin, .sha';

let index: Entry[] | undefined;

function entries(): Entry[] {
  const found: Entry[] = [];
  for (const layer of document.querySelectorAll<HTMLElement>('section[data-layer]')) {
    for (const holder of layer.querySelectorAll<HTMLElement>(`pre[data-capture], .command code, ${SAID}`)) {
      const panel = holder.closest<HTMLElement>('.panel');
      const side = holder.closest<HTMLElement>('[data-side]')?.dataset.side ?? '';
      const text = holder.textContent ?? '';
      const own = { layer, panel, side, holder };
      if (holder.tagName !== 'PRE') found.push({ ...own, label: holder.tagName === 'CODE' ? '$' : '', text, start: 0 });
      else {
        let start = 0;
        text.split('\n').forEach((line, number) => {
          if (line) found.push({ ...own, label: String(number + 1), text: line, start });
          start += line.length + 1;
        });
      }
    }
  }
  return found;
}

/** A pattern that finds a text; blanks stand for any number of them, because the columns of outputs are padded. */
export function patternOf(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
}

/** Every place of a text, the best first, each entry once. */
export function hitsOf(text: string): Hit[] {
  const exact = new RegExp(patternOf(text));
  const query = new RegExp(exact, 'i');
  index ??= entries();
  return index
    .flatMap((entry): Hit[] => {
      const same = exact.exec(entry.text);
      const match = same || query.exec(entry.text);
      const rank = Number(entry.label) ? Number(!same) : entry.label ? 2 : 3;
      return match ? [{ ...entry, at: match.index, length: match[0].length, rank }] : [];
    })
    .sort((a, b) => a.rank - b.rank);
}
