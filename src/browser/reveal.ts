/** Folded outputs: opened where something leads into them, and closed again by Escape or Back; "open all" is kept. */

import { hash } from './lit.ts';

/** What was opened to show something in it, not by the reader's own hand. */
const lent = new Set<HTMLDetailsElement>();
const own = new WeakSet<Element>();
const button = document.querySelector<HTMLElement>('[data-action=open-all]');

/**
 * Opens everything that encloses an element, so that it has a place on the screen. Scrolls nothing. What it opened is
 * closed again by {@link conceal}; what the reader opened stays.
 */
export function reveal(element: Element): void {
  for (let at = element.parentElement?.closest('details'); at; at = at.parentElement?.closest('details')) {
    // What stands in the line that opens it is to be seen already.
    if (at.querySelector('summary')?.contains(element)) continue;
    // The browser itself opens what an address leads into.
    if (!own.has(at)) lent.add(at);
    at.open = true;
  }
}

/** Closes what {@link reveal} opened, except around `but`. The keyboard stays where it was, or in the line it folds into. */
function conceal(but?: Element | null): void {
  for (const details of lent) {
    if (but && details.contains(but)) continue;
    lent.delete(details);
    const inside = details.contains(document.activeElement);
    details.open = false;
    if (inside) details.querySelector('summary')?.focus();
  }
}

function openAll(on: boolean): void {
  for (const details of document.querySelectorAll<HTMLDetailsElement>('.fold')) {
    details.open = on;
    own.add(details);
    lent.delete(details);
  }
  if (button) button.textContent = on ? 'fold all' : 'open all';
}

const fromAddress = () => {
  const target = document.getElementById(hash().slice(1));
  // What is lit stays to be seen, wherever else the address leads.
  conceal(target ?? document.querySelector('[data-here], .lines .here'));
  if (target) reveal(target);
};

document.addEventListener('click', (event) => {
  const details = (event.target as Element).closest('summary')?.parentElement as HTMLDetailsElement | undefined;
  if (details) {
    own.add(details);
    lent.delete(details);
  }
});
button?.addEventListener('click', () => {
  const on = button.textContent === 'open all';
  openAll(on);
  try {
    localStorage.setItem('open', on ? 'all' : '');
  } catch {
    // Without storage they stay open until the page is left.
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('dialog[open]')) conceal();
});
addEventListener('hashchange', fromAddress);
try {
  if (localStorage.getItem('open')) openAll(true);
} catch {
  // As if nothing had been kept.
}
fromAddress();
