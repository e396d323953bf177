/**
 * Follow a value: pointing at one lights every place where it stands and, paler, its counterpart on the other side;
 * a click pins it. `#follow=10.24.9.186` names it, with `v1:` before it where both sides have it.
 */

import type { FollowedValue } from '../report/values.ts';
import { uncover } from './lines.ts';
import { goTo, hasMoved, leave, lights, putOut, tell } from './lit.ts';
import { say } from './page.ts';

/** The values that can be followed, by their numbers. */
export const values = [...document.querySelectorAll<HTMLOptionElement>('#values option')].map(
  ({ className: role, label, value: text, dataset: { of: side = '', how = '', others = '' } }): FollowedValue => ({
    role,
    label,
    side,
    text,
    how,
    others: others.split(' ').filter(Boolean).map(Number),
  }),
);
const viewer = document.querySelector<HTMLDialogElement>('#viewer');

const numbers = new Map<string, number>();
values.forEach(({ side, text }, number) => {
  numbers.set(`${side}:${text}`, number);
  if (!numbers.has(text)) numbers.set(text, number);
});

// In figures, findings and prose a value is named by its text and its side.
for (const mark of document.querySelectorAll<HTMLElement>(
  'main :is([data-of], .words code, .flag code, .checks code)',
)) {
  const side = mark.dataset.of ?? mark.closest<HTMLElement>('[data-side]')?.dataset.side;
  const number = numbers.get(`${side}:${mark.textContent}`);
  if (number === undefined) continue;
  mark.dataset.v = String(number);
  mark.classList.add(values[number]?.role ?? '');
}

let byValue: Map<number, HTMLElement[]> | undefined;

/** Every mark of a value in the page, in order; the page is searched once. */
function marksOf(number: number): HTMLElement[] {
  if (!byValue) {
    byValue = new Map();
    for (const mark of document.querySelectorAll<HTMLElement>('main [data-v]')) {
      const list = byValue.get(Number(mark.dataset.v));
      if (list) list.push(mark);
      else byValue.set(Number(mark.dataset.v), [mark]);
    }
  }
  return byValue.get(number) ?? [];
}

/** The places of a value: its marks in outputs. */
export function placesOf(number: number): HTMLElement[] {
  return marksOf(number).filter((mark) => mark.closest('pre'));
}

/** Places that change at once; the rest follow when the browser has nothing else to do, so that no frame waits. */
const AT_ONCE = 400;
/** Safari has no idle callback; a timer leaves it room between two slices. */
const whenIdle: (work: () => void) => void = window.requestIdleCallback ?? ((work) => setTimeout(work, 30));

let shown = new Map<HTMLElement, string>();
let queue: [HTMLElement, string | undefined][] = [];

function work(): void {
  for (const [mark, how] of queue.splice(0, AT_ONCE)) {
    if (how) mark.dataset.lit = how;
    else delete mark.dataset.lit;
  }
  if (queue.length > 0) whenIdle(work);
}

/** Lights a value and its counterparts, nearest to the pointer first. */
function light(number: number, near?: Element): void {
  const wanted = new Map<HTMLElement, string>();
  const add = (value: number, how: string) => {
    const all = marksOf(value);
    const from = near ? Math.max(0, all.indexOf(near.closest('[data-v]') as HTMLElement) - AT_ONCE / 4) : 0;
    for (const mark of [...all.slice(from), ...all.slice(0, from)]) wanted.set(mark, how);
    for (const mark of viewer?.querySelectorAll<HTMLElement>(`[data-v="${value}"]`) ?? []) wanted.set(mark, how);
  };
  if (values[number]) add(number, 'on');
  for (const other of values[number]?.others ?? []) add(other, 'pale');
  const idle = queue.length === 0;
  const changes = [...wanted].filter(([mark, how]) => mark.dataset.lit !== how);
  const gone = [...shown.keys()].filter((mark) => !wanted.has(mark));
  queue = [...changes, ...gone.map((mark): [HTMLElement, undefined] => [mark, undefined])];
  shown = new Map([...wanted, ...gone.map((mark): [HTMLElement, string] => [mark, ''])]);
  if (idle) work();
}

let pinned = -1;
let places: HTMLElement[] = [];
let place = -1;

/** Goes to the next place of the value that is followed, or by -1 to the one before. */
export function step(by: number): void {
  if (places.length === 0) return;
  hasMoved();
  places[place]?.removeAttribute('data-here');
  place = (place + by + places.length) % places.length;
  const here = places[place] as HTMLElement;
  uncover(here);
  here.setAttribute('data-here', '');
  here.scrollIntoView({ block: 'center', inline: 'nearest' });
  here.closest('pre')?.focus({ preventScroll: true });
  tell('.at', `${place + 1} of ${places.length}: ${here.closest('pre')?.dataset.capture}`);
}

const many = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

/** `ClusterIP on V1 · 5 places in 3 outputs`; `in` names no side. */
export function toldOf(number: number): string {
  const all = placesOf(number);
  const outputs = new Set(all.map((mark) => mark.closest('pre'))).size;
  const { label, side } = values[number] as FollowedValue;
  return `${label} on ${side.toUpperCase()} · ${many(all.length, 'place')} in ${many(outputs, 'output')}`;
}

lights(/^#follow=/, (address, go) => {
  places[place]?.removeAttribute('data-here');
  const text = address.slice(8);
  pinned = numbers.get(text) ?? -1;
  place = -1;
  places = placesOf(pinned);
  light(pinned);
  const value = values[pinned];
  whenIdle(tellChips);
  if (text && !value) say(`No output holds the value ${text}`);
  if (!value) return undefined;
  if (go) step(1);
  const { role, others, how } = value;
  const other = others.map((one) => values[one]?.text).join(', ');
  return {
    name: value.text,
    role,
    what: `${toldOf(pinned)} · named by ${how}`,
    other: other ? `other side: ${other}` : 'no counterpart on the other side',
    steps: true,
  };
});

/** Follows a value from its first place on, or stays where the page is. */
export function follow(number: number, go = true): void {
  const { side, text } = values[number] as FollowedValue;
  const both = values.some((one) => one.text === text && one.side !== side);
  goTo(`#follow=${both ? `${side}:` : ''}${text}`, go);
}

/** From the value of a role with the most places to the next, and after the last to none. */
function nextOf(role: string): number | undefined {
  const own = [...values.keys()]
    .filter((number) => values[number]?.role === role)
    .sort((a, b) => placesOf(b).length - placesOf(a).length);
  return own[own.indexOf(pinned) + 1];
}

/** Says on each chip of the legend whether its role is followed and which value the next click follows. */
function tellChips(): void {
  for (const chip of document.querySelectorAll<HTMLElement>('[data-pin-role]')) {
    const { pinRole: role = '' } = chip.dataset;
    chip.setAttribute('aria-pressed', String(role === values[pinned]?.role));
    const next = nextOf(role);
    chip.title = next === undefined ? 'stop following' : `follow ${values[next]?.text}: ${toldOf(next)}`;
  }
}

whenIdle(tellChips);

const markAt = (event: Event) => {
  const mark = (event.target as Element).closest<HTMLElement>('[data-v]');
  return mark ? Number(mark.dataset.v) : -1;
};

document.addEventListener('pointerover', (event) => {
  const number = markAt(event);
  if (number >= 0) light(number, event.target as Element);
});
document.addEventListener('pointerout', (event) => {
  if (markAt(event) >= 0) light(pinned);
});
// Before the viewer hears of it: a click on a value follows it, a click beside it opens the output.
document.addEventListener(
  'click',
  (event) => {
    const target = event.target as Element;
    const role = target.closest<HTMLElement>('[data-pin-role]')?.dataset.pinRole;
    const action = target.closest<HTMLElement>('[data-follow]')?.dataset.follow;
    const number = markAt(event);
    if (role) {
      const next = nextOf(role);
      if (next === undefined) putOut();
      else follow(next);
    } else if (action === 'close') putOut();
    else if (action) {
      leave();
      step(action === 'next' ? 1 : -1);
    } else if (number >= 0 && getSelection()?.isCollapsed !== false) {
      event.stopPropagation();
      if (number === pinned) return putOut();
      follow(number, false);
      place = places.indexOf(target.closest('[data-v]') as HTMLElement);
    }
  },
  true,
);
