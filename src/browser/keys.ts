/** Keys of the page, and the layer that is in sight. */
import { step } from './follow.ts';
import { uncover } from './lines.ts';
import { litAddress, putOut } from './lit.ts';
import { openSearch } from './search.ts';
import { leaveWalk } from './walk.ts';

const help = document.querySelector<HTMLDialogElement>('#keys');
const outputs = [...document.querySelectorAll<HTMLElement>('pre[data-capture]')];
const links = [...document.querySelectorAll<HTMLAnchorElement>('.bar nav a')];
const panelOf = (output: HTMLElement) => output.closest('.panel') as HTMLElement;

/** Goes to the next output, or by -1 to the one before: from the one with the focus, else from the first in sight. */
function turn(by: number): void {
  const top = (output: HTMLElement) =>
    (output.closest('.fold:not([open])') ?? panelOf(output)).getBoundingClientRect().top;
  const focused = outputs.indexOf(document.activeElement as HTMLElement);
  const past = outputs.findLastIndex((output) => top(output) < 120);
  const output = outputs[(focused < 0 ? past : focused) + by];
  if (!output) return;
  uncover(output);
  panelOf(output).scrollIntoView();
  output.focus({ preventScroll: true });
}

const actions: Record<string, () => void> = {
  j: () => turn(1),
  k: () => turn(-1),
  n: () => step(1),
  p: () => step(-1),
  Escape: () => (litAddress() ? putOut() : leaveWalk?.()),
};

document.addEventListener('keydown', (event) => {
  const { key, ctrlKey, metaKey, altKey, defaultPrevented, target } = event;
  if (ctrlKey || metaKey || altKey || defaultPrevented) return;
  if ((target as Element).matches('input:not([type=radio]), textarea, select')) return;
  if (key === '/') openSearch();
  else if (key === '?') help?.showModal();
  else if (document.querySelector('dialog[open]')) return;
  else if (/^[1-9]$/.test(key)) links[Number(key) - 1]?.click();
  else if (actions[key]) return actions[key]();
  else return;
  event.preventDefault();
});

document.querySelector('[data-action=keys]')?.addEventListener('click', () => help?.showModal());

const title = document.querySelector('.bar .where');
const current = new IntersectionObserver(
  (changes) => {
    for (const { target, isIntersecting } of changes) {
      const link = links.find(({ hash }) => hash === `#${target.id}`);
      if (link) link.ariaCurrent = isIntersecting ? 'location' : null;
    }
    const [now] = links.filter((link) => link.ariaCurrent);
    if (title) title.textContent = now?.getAttribute('aria-label') ?? '';
  },
  // A line a quarter down the window: one layer at a time crosses it.
  { rootMargin: '-25% 0px -75% 0px' },
);
for (const layer of document.querySelectorAll('section[data-layer]')) current.observe(layer);
