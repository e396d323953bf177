/**
 * Follow a value: pointing at one lights every place where it stands and, paler, its counterpart on the other side;
 * a click pins it.
 */

import type { FollowedValue } from '../report/values.ts';
import { reveal } from './reveal.ts';

let byValue: Map<number, HTMLElement[]> | undefined;

/** Every place of a value in the page, in order; the page is searched once. */
function placesOf(index: number): HTMLElement[] {
  if (!byValue) {
    byValue = new Map();
    for (const mark of document.querySelectorAll<HTMLElement>('main [data-v]')) {
      const number = Number(mark.dataset.v);
      const list = byValue.get(number);
      if (list) list.push(mark);
      else byValue.set(number, [mark]);
    }
  }
  return byValue.get(index) ?? [];
}

/** Places that change at once; the rest follow when the browser has nothing else to do, so that no frame waits. */
const AT_ONCE = 400;
/** Safari has no idle callback; a timer leaves it room between two slices. */
const whenIdle: (work: () => void) => void = window.requestIdleCallback ?? ((work) => setTimeout(work, 30));

/** What lights a value and its counterparts, nearest to the pointer first. */
function lighting(values: FollowedValue[], viewer: HTMLDialogElement | null) {
  let lit = new Map<HTMLElement, string>();
  let queue: [HTMLElement, string | undefined][] = [];

  const work = () => {
    for (const [mark, how] of queue.splice(0, AT_ONCE)) {
      if (how) mark.dataset.lit = how;
      else delete mark.dataset.lit;
    }
    if (queue.length > 0) whenIdle(work);
  };

  return (index: number, near?: Element) => {
    const wanted = new Map<HTMLElement, string>();
    const add = (number: number, how: string) => {
      const all = placesOf(number);
      const from = near ? Math.max(0, all.indexOf(near.closest('[data-v]') as HTMLElement) - AT_ONCE / 4) : 0;
      for (const mark of [...all.slice(from), ...all.slice(0, from)]) wanted.set(mark, how);
      for (const mark of viewer?.querySelectorAll<HTMLElement>(`[data-v="${number}"]`) ?? []) wanted.set(mark, how);
    };
    if (values[index]) add(index, 'on');
    for (const other of values[index]?.others ?? []) add(other, 'pale');
    const idle = queue.length === 0;
    const changes = [...wanted].filter(([mark, how]) => mark.dataset.lit !== how);
    const gone = [...lit.keys()].filter((mark) => !wanted.has(mark));
    queue = [...changes, ...gone.map((mark): [HTMLElement, undefined] => [mark, undefined])];
    lit = new Map([...wanted, ...gone.map((mark): [HTMLElement, string] => [mark, ''])]);
    if (idle) work();
  };
}

function start(values: FollowedValue[], panel: HTMLElement): void {
  const part = <T extends HTMLElement>(selector: string) => panel.querySelector<T>(selector) as T;
  const finder = document.querySelector<HTMLInputElement>('#find');
  const viewer = document.querySelector<HTMLDialogElement>('#viewer');
  let pinned = -1;
  let places: HTMLElement[] = [];
  let place = -1;

  const light = lighting(values, viewer);

  const step = (by: number) => {
    if (places.length === 0) return;
    places[place]?.removeAttribute('data-here');
    place = (place + by + places.length) % places.length;
    const here = places[place] as HTMLElement;
    here.setAttribute('data-here', '');
    reveal(here);
    here.scrollIntoView({ block: 'center', inline: 'nearest' });
    const output = here.closest('pre')?.dataset.capture;
    part('.at').textContent = `${place + 1} of ${places.length}${output ? `: ${output}` : ''}`;
  };

  const pin = (index: number) => {
    places[place]?.removeAttribute('data-here');
    pinned = index;
    place = -1;
    const value = values[index];
    light(index);
    panel.hidden = !value;
    if (!value) {
      if (location.hash.startsWith('#follow=')) history.replaceState(null, '', location.pathname + location.search);
      return;
    }
    places = placesOf(index);
    const outputs = new Set(places.map((at) => at.closest('.panel')?.id)).size;
    const { role, label, side, text, how, others } = value;
    part('b').textContent = text;
    part('b').className = role;
    part('.what').textContent =
      `${label} on ${side.toUpperCase()} · ${places.length} ${places.length === 1 ? 'place' : 'places'} in ${outputs} ${outputs === 1 ? 'output' : 'outputs'} · named by ${how}`;
    part('.other').textContent = others.length
      ? `other side: ${others.map((number) => values[number]?.text).join(', ')}`
      : 'no counterpart on the other side';
    part('.at').textContent = '';
    const clash = values.some((other) => other.text === text && other.side !== side);
    history.replaceState(null, '', `#follow=${clash ? `${side}:` : ''}${encodeURIComponent(text)}`);
  };

  /** Number of the value an address or a search names; -1 for none. */
  const find = (text: string) => {
    const [, side, wanted = ''] = /^(?:(v[12]):)?(.*)$/.exec(text.trim()) ?? [];
    const fits = (value: FollowedValue) => !side || value.side === side;
    const exact = values.findIndex((value) => fits(value) && value.text === wanted);
    return exact >= 0 || !wanted ? exact : values.findIndex((value) => fits(value) && value.text.includes(wanted));
  };

  const fromAddress = () => {
    if (!location.hash.startsWith('#follow=')) return;
    pin(find(decodeURIComponent(location.hash.slice(8))));
    step(1);
  };

  const markAt = (event: Event) => {
    const mark = (event.target as Element).closest<HTMLElement>('[data-v]');
    return mark ? Number(mark.dataset.v) : -1;
  };

  document.addEventListener('pointerover', (event) => {
    const index = markAt(event);
    if (index >= 0) light(index, event.target as Element);
  });
  document.addEventListener('pointerout', (event) => {
    if (markAt(event) >= 0) light(pinned);
  });
  // Before the viewer hears of it: a click on a value follows it, a click beside it opens the output.
  document.addEventListener(
    'click',
    (event) => {
      const index = markAt(event);
      if (index < 0 || getSelection()?.isCollapsed === false) return;
      event.stopPropagation();
      const same = index === pinned;
      pin(same ? -1 : index);
      if (!same) place = places.indexOf((event.target as Element).closest('[data-v]') as HTMLElement);
    },
    true,
  );
  panel.addEventListener('click', (event) => {
    const action = (event.target as Element).closest<HTMLElement>('[data-follow]')?.dataset.follow;
    if (action === 'close') pin(-1);
    else if (action) {
      viewer?.close();
      step(action === 'next' ? 1 : -1);
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || viewer?.open) return;
    const typing = (event.target as Element).matches('input');
    if (event.key === '/' && !typing) {
      event.preventDefault();
      finder?.focus();
      finder?.select();
    } else if (event.key === 'Escape') {
      finder?.blur();
      if (pinned >= 0) pin(-1);
    } else if (pinned >= 0 && !typing && (event.key === 'n' || event.key === 'p')) step(event.key === 'n' ? 1 : -1);
  });
  finder?.form?.addEventListener('submit', (event) => {
    event.preventDefault();
    const index = find(finder.value);
    finder.setCustomValidity(index < 0 ? 'No such value in the outputs' : '');
    if (index < 0) return void finder.reportValidity();
    finder.blur();
    pin(index);
    step(1);
  });
  finder?.addEventListener('input', () => finder.setCustomValidity(''));
  // The bar must be inside the dialog to be reached while it is open.
  viewer?.addEventListener('toggle', () => (viewer.open ? viewer : document.body).append(panel));
  addEventListener('hashchange', fromAddress);
  fromAddress();
}

const data = document.querySelector('#values');
const bar = document.querySelector<HTMLElement>('#follow');
if (data && bar) start(JSON.parse(data.textContent ?? '[]'), bar);
