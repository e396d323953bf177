/**
 * The two outputs of a row scroll together where their lines are matched: the one under the pointer, or with the
 * keyboard in it, takes the other along. Not where the reader asks for less motion, nor for wrapped lines.
 */
import { rowOf } from './differences.ts';

const still = matchMedia('(prefers-reduced-motion: reduce)');

document.addEventListener(
  'scroll',
  ({ target }) => {
    const pre = target as HTMLElement;
    const row = rowOf(pre.dataset?.capture);
    if (!row || row.apart || still.matches || pre !== (document.querySelector('pre:hover') ?? document.activeElement))
      return;
    const { lineHeight, whiteSpace } = getComputedStyle(pre);
    const height = Number.parseFloat(lineHeight);
    const line = Math.floor(pre.scrollTop / height) + 1;
    const at = row.v1 === pre.dataset.capture ? 0 : 1;
    const match = row.pairs.find((pair) => pair[at] === line)?.[at ? 0 : 1];
    if (match && whiteSpace === 'pre')
      (pre.closest('dialog') ?? document)
        .querySelector(`[data-capture="${at ? row.v1 : row.v2}"]`)
        ?.scrollTo(pre.scrollLeft, pre.scrollTop + (match - line) * height);
  },
  true,
);
