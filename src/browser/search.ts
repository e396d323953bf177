/** The search: values first, then any text of outputs, commands and what is said about them. Built from the page itself. */
import { type Hit, hitsOf, patternOf } from './findable.ts';
import { follow, toldOf, values } from './follow.ts';
import { rangeOf, uncover } from './lines.ts';
import { goTo, write } from './lit.ts';

/** Past so many matches an output shows only the first few of its own. */
const MANY = 60;
const FEW = 3;
const MOST_VALUES = 8;
/** Room of a character in the list, in CSS pixels, and how many stand beside a line. */
const WIDE = 8;
const MARGIN = 16;

const box = document.querySelector<HTMLElement>('#search');
const input = box?.querySelector('input') as HTMLInputElement;
const list = document.querySelector<HTMLElement>('#found') as HTMLElement;
const viewer = document.querySelector<HTMLDialogElement>('#viewer');
const home = box?.parentElement;
const narrow = matchMedia('(width < 60rem)');

let options: { element: HTMLElement; go: (full: boolean) => void }[] = [];
let chosen = -1;
let opener: Element | null = null;

function make(tag: string, name: string, ...content: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.append(...content);
  return element;
}

function option(element: HTMLElement, go: (full: boolean) => void): HTMLElement {
  element.id = `found-${options.length}`;
  element.role = 'option';
  options.push({ element, go });
  return element;
}

function group(title: string, about: string, ...content: (Node | string)[]): HTMLElement {
  const head = make('p', 'head', make('b', '', title), ' ', make('span', '', about));
  const all = make('div', '', head, ...content);
  all.role = 'group';
  all.ariaLabel = title;
  return all;
}

/** What was found, as it stands in the page, with the match marked and in view. */
function shown({ holder, start, text, at, length }: Hit): HTMLElement {
  const room = list.clientWidth / WIDE - MARGIN;
  // Cut at its beginning as far as the match needs it, with the sign that says so.
  const from = at + length > room ? Math.min(at, Math.ceil(at + length + 1 - room)) : 0;
  const whole = rangeOf(holder, start + from, start + text.length);
  const tx = make('span', 'tx', holder.dataset.capture ? whole.cloneContents() : String(whole));
  for (const copy of tx.querySelectorAll('[data-v]')) copy.removeAttribute('data-v');
  const match = rangeOf(tx, at - from, at - from + length);
  const mark = make('mark', '', match.extractContents());
  match.insertNode(mark);
  if (from > 0) tx.prepend('…');
  return tx;
}

function goToHit({ panel, label, holder, start, at, length }: Hit, full: boolean): void {
  const { over } = history.state;
  close();
  viewer?.close();
  const open = panel?.querySelector<HTMLElement>('[data-action=open]');
  const key = holder.dataset.capture;
  if (key) goTo(`#${panel?.id}:L${label}`);
  else {
    const target = `#${(panel ?? holder.closest('section'))?.id}`;
    if (over) location.replace(target);
    else location.hash = target;
    uncover(holder);
    holder.scrollIntoView({ block: 'center' });
    showRange(rangeOf(holder, start + at, start + at + length));
  }
  if (full) open?.click();
}

function showRange(range: Range): void {
  if (typeof Highlight !== 'undefined') CSS.highlights.set('linked', new Highlight(range));
}

function valueOption(number: number): HTMLElement {
  const { text, role } = values[number] as (typeof values)[number];
  return option(make('div', 'value', make('b', role, text), ' ', make('span', '', toldOf(number))), () => {
    close();
    viewer?.close();
    follow(number);
  });
}

const matches = (count: number) => `${count} ${count === 1 ? 'match' : 'matches'}`;

function layerGroup(layer: HTMLElement, hits: Hit[], most: number): HTMLElement {
  const sides = ['v1', 'v2'].map((side) => {
    const count = hits.filter((hit) => hit.side === side).length;
    return `${side.toUpperCase()} ${count ? matches(count) : 'none'}`;
  });
  const rows = [...Map.groupBy(hits, ({ panel }) => panel)].flatMap(([panel, own]) => [
    make('p', 'sub', panel?.querySelector('h3')?.lastChild?.textContent ?? 'about this layer'),
    ...own.slice(0, most).map((hit) => {
      const side = make('b', hit.side, hit.side.toUpperCase());
      return option(make('div', 'hit', side, make('span', 'n', hit.label || '¶'), shown(hit)), (full) =>
        goToHit(hit, full),
      );
    }),
    ...(own.length > most ? [make('p', 'sub', `and ${own.length - most} more here`)] : []),
  ]);
  return group(layer.querySelector('h2')?.textContent ?? '', sides.join(' · '), ...rows);
}

/** The first value of each role: the legend of whoever has typed nothing yet. */
const firsts = [...Map.groupBy(values.keys(), (number) => values[number]?.role).values()].map(
  ([number]) => number as number,
);

/** Numbers of values, the best first: the very text, its beginning, a part of it, its role. */
function found(text: string): number[] {
  const query = new RegExp(patternOf(text), 'i');
  const lower = text.toLowerCase();
  return values
    .map(({ text: value, label }, number) => {
      const own = value.toLowerCase();
      const rank = own === lower ? 0 : own.startsWith(lower) ? 1 : query.test(own) ? 2 : query.test(label) ? 3 : 4;
      return { number, rank };
    })
    .filter(({ rank }) => rank < 4)
    .sort((a, b) => a.rank - b.rank)
    .map(({ number }) => number);
}

/** The values on lines, each once, in order. */
function valuesOn(hits: Hit[]): number[] {
  const marks = hits.flatMap(({ holder, start, text }) => {
    const range = rangeOf(holder, start, start + text.length);
    return [...range.cloneContents().querySelectorAll<HTMLElement>('[data-v]')].map(({ dataset }) => Number(dataset.v));
  });
  return [...new Set(marks)];
}

function search(): void {
  const text = input.value.trim();
  options = [];
  const count = box?.querySelector('.count') as HTMLElement;
  const hits = text ? hitsOf(text) : [];
  const named = text ? found(text) : firsts;
  const beside = named.length > 0 ? [] : valuesOn(hits.slice(0, MANY));
  const shownValues = [...named, ...beside].slice(0, text ? MOST_VALUES : firsts.length);
  const more = named.length + beside.length - shownValues.length;
  const valueGroup = () =>
    group(
      'Values',
      named.length > 0
        ? 'Enter follows one through the page'
        : `none has this in its name${beside.length > 0 ? '; on the matched lines stand' : ''}`,
      ...shownValues.map(valueOption),
      ...(more > 0 ? [make('p', 'sub', `and ${more} more`)] : []),
    );
  // Where no value has the name, what was looked for is a line.
  const parts = named.length > 0 ? [valueGroup()] : [];
  const layers = Map.groupBy(hits, ({ layer }) => layer);
  const without = [...document.querySelectorAll<HTMLElement>('section[data-layer]')].filter((layer) => {
    const own = layers.get(layer);
    if (own) parts.push(layerGroup(layer, own, hits.length > MANY ? FEW : MANY));
    return !own;
  });
  if (named.length === 0) parts.push(valueGroup());
  if (text && without.length > 0)
    parts.push(group(without.map(({ id }) => id.toUpperCase()).join(' '), 'no line, command or note holds it'));
  list.replaceChildren(...parts);
  const all = named.length + hits.length;
  count.textContent = text && (all ? matches(all) : 'no match');
  list.scrollTop = 0;
  choose(options[0] ? 0 : -1);
}

/** Chooses an option; the list scrolls to it, never the page. */
function choose(number: number): void {
  options[chosen]?.element.removeAttribute('aria-selected');
  chosen = number;
  const element = options[number]?.element;
  input.setAttribute('aria-activedescendant', element?.id ?? '');
  if (!element) return;
  element.ariaSelected = 'true';
  const [row, view] = [element.getBoundingClientRect(), list.getBoundingClientRect()];
  if (row.top < view.top + 32) list.scrollTop -= view.top + 32 - row.top;
  if (row.bottom > view.bottom) list.scrollTop += row.bottom - view.bottom;
}

const isOpen = () => box?.dataset.open !== undefined;

/** Opens the search over whatever is shown, the full-size view too; while somebody types, what stands there stays. */
export function openSearch(typed = false): void {
  if (!box || isOpen()) return;
  opener = document.activeElement === input ? null : document.activeElement;
  const sheet = narrow.matches || viewer?.open;
  if (viewer?.open) viewer.append(box);
  box.dataset.open = sheet ? 'sheet' : '';
  // Back closes what covers the page.
  if (narrow.matches) write(location.href, 'sheet', true);
  input.ariaExpanded = 'true';
  input.focus({ preventScroll: true });
  if (!typed) input.select();
  search();
}

/** Closes the search; `back` returns to where the reader was. */
function close(back = false): void {
  if (!box || !isOpen()) return;
  delete box.dataset.open;
  input.ariaExpanded = 'false';
  list.replaceChildren();
  options = [];
  input.blur();
  if (box.parentElement !== home) home?.insertBefore(box, home.querySelector('.about'));
  if (!back) return;
  if (opener instanceof HTMLElement) opener.focus({ preventScroll: true });
  if (history.state.over === 'sheet') history.back();
}

if (box) {
  input.addEventListener('input', () => (isOpen() ? search() : openSearch(true)));
  addEventListener('popstate', () => history.state?.over === 'sheet' || close(true));
  box.addEventListener('keydown', (event) => {
    // Nothing typed here is a key of the page or of the view below.
    event.stopPropagation();
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && !isOpen()) openSearch();
    else if (by && options.length > 0) choose((chosen + by + options.length) % options.length);
    else if (event.key === 'Enter') options[chosen]?.go(event.shiftKey);
    else if (event.key === 'Escape') close(true);
    else return;
    event.preventDefault();
  });
  // Before the field loses the focus.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const element = (event.target as Element).closest('[role=option]');
    options.find((one) => one.element === element)?.go(event.shiftKey);
  });
  box.addEventListener('click', (event) => {
    const action = (event.target as Element).closest<HTMLElement>('[data-find]')?.dataset.find;
    if (action === 'open' || event.target === input) openSearch();
    else if (action === 'close') close(true);
  });
  box.addEventListener(
    'focusout',
    ({ relatedTarget }) => relatedTarget && !box.contains(relatedTarget as Node) && close(),
  );
  document.addEventListener('pointerdown', ({ target }) => (target !== box && box.contains(target as Node)) || close());
}
