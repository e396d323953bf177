/**
 * Lines as places: pointing at anything with `data-lines="v1/l6-local-failover:3-4,9 …"` shows those lines in their
 * outputs (CSS Custom Highlight API), a click on it or in the gutter leads to their address, `#v1-l6-local-failover:L3-L4`.
 */
import { goTo, lights, litAddress, putOut } from './lit.ts';
import { reveal } from './reveal.ts';

const registry = typeof Highlight === 'undefined' ? undefined : CSS.highlights;
/** `#v1-l4-iptables-nat:L29-L30,L77` */
const ADDRESS = /^#(v[12])-([\w-]+):((?:,?L\d+(?:-L\d+)?)+)$/;

/** An output in the page and, while it is open there, in the full-size view. */
const outputsOf = (key = '') => [...document.querySelectorAll<HTMLElement>(`pre[data-capture="${key}"]`)];

/** A piece of an output by its offsets in the text. */
export function rangeOf(pre: Element, start: number, end: number): Range {
  const range = new Range();
  // What lies past the end is nothing.
  range.setStart(pre, 0);
  if (start >= end) return range;
  const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
  let at = 0;
  for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
    const next = at + node.length;
    if (at <= start && start < next) range.setStart(node, start - at);
    if (end <= next) {
      range.setEnd(node, end - at);
      break;
    }
    at = next;
  }
  return range;
}

/** Lines of an output, counted from 1, without the line feed that ends the last. */
function linesIn(pre: Element, first: number, last: number): Range {
  const lines = (pre.textContent ?? '').split('\n');
  const length = (of: string[]) => of.join('\n').length;
  const start = first > 1 ? length(lines.slice(0, first - 1)) + 1 : 0;
  return rangeOf(pre, start, length(lines.slice(0, last)));
}

const numbersOf = (run: HTMLElement) => (run.dataset.n ?? '').split('\n').map(Number);

/** Opens everything that hides a place in an output: what folds it, and the switch that shows the Service's own lines. */
export function uncover(place: Element): void {
  reveal(place);
  const all = place.closest('.rest') && place.closest('.panel')?.querySelector<HTMLInputElement>('[value=all]');
  if (all) all.checked = true;
}

/** `v1/l4-iptables-nat:29-30,77` taken apart: the output wherever it is shown, the first and the last line of each piece. */
function placesIn(places: string): [pre: HTMLElement, first: number, last: number][] {
  return places.split(' ').flatMap((place) => {
    const [key, lines = '1'] = place.split(':');
    return outputsOf(key).flatMap((pre) =>
      lines.split(',').map((piece): [HTMLElement, number, number] => {
        const [first = 1, last = first] = piece.split('-').map(Number);
        return [pre, first, last];
      }),
    );
  });
}

/** Scrolls an output, not the page, to a piece of it. */
function scrollInside(pre: Element, range: Range): void {
  const offset = range.getBoundingClientRect().top - pre.getBoundingClientRect().top;
  if (offset < 0 || offset > pre.clientHeight - 20) pre.scrollTop += offset - pre.clientHeight / 3;
}

/**
 * Lights the lines `places` names and scrolls each output, not the page, to the first of them. Under any name but
 * `line`, which is for pointing, what hides them is opened.
 */
export function showLines(places: string, name = 'line'): Range[] {
  const ranges: Range[] = [];
  // A step shows the lines around it for as long as it stands there; the switch stays as the reader had it.
  if (name === 'step') for (const run of document.querySelectorAll('.stepped')) run.classList.remove('stepped');
  for (const [pre, first, last] of placesIn(places)) {
    const range = linesIn(pre, first, last);
    if (name !== 'line')
      for (const run of pre.querySelectorAll('.rest'))
        if (range.intersectsNode(run)) name === 'step' ? run.classList.add('stepped') : uncover(run);
    if (!ranges.some((other) => pre.contains(other.startContainer))) scrollInside(pre, range);
    ranges.push(range);
  }
  registry?.set(name, new Highlight(...ranges));
  return ranges;
}

/** The address of the lines `places` names in the first output among them. */
function addressOf(places: string): string {
  const [key = '', lines = '1'] = places.replace(/ .*/, '').split(':');
  return `#${key.replace('/', '-')}:${lines.replace(/\d+/g, 'L$&')}`;
}

/** Numbers laid over the gutter beside lit lines. */
function mark(pre: Element, first: number, last: number): void {
  for (const run of pre.querySelectorAll<HTMLElement>('.run')) {
    const all = numbersOf(run);
    const numbers = all.filter((number) => first <= number && number <= last);
    if (numbers.length === 0) continue;
    const over = run.appendChild(document.createElement('i'));
    over.className = 'here';
    over.dataset.n = numbers.join('\n');
    over.style.marginTop = `${(numbers[0] as number) - (all[0] as number)}lh`;
  }
}

/** What stands in an address of lines: its output, and the lines as `places` has them, `29-30,77`. */
function partsOf(address: string): [side: string, key: string, lines: string] {
  const [, side = '', name, lines = ''] = ADDRESS.exec(address) ?? [];
  return [side, `${side}/${name}`, lines.replaceAll('L', '')];
}

/** Lights the lines of an address, with their numbers, wherever their output is shown; those lit before go out. */
export function lightAddress(address: string): Range[] {
  for (const old of document.querySelectorAll('.lines .here')) old.remove();
  const [side, key, lines] = partsOf(address);
  const places = side && `${key}:${lines}`;
  const ranges = showLines(places, 'linked');
  for (const place of placesIn(places)) mark(...place);
  return ranges;
}

/** A finger has no key to hold. */
const touch = matchMedia('(pointer: coarse)');

lights(ADDRESS, (address, go) => {
  const ranges = lightAddress(address);
  const [side, key, lines] = partsOf(address);
  const [pre] = outputsOf(key);
  if (!pre?.querySelector('.here')) return undefined;
  const panel = pre.closest<HTMLElement>('.panel');
  uncover(pre);
  if (go && panel) {
    const top = () => ranges[0]?.getBoundingClientRect().top ?? 0;
    const away = () => top() < 80 || top() > innerHeight - 120;
    if (away()) panel.scrollIntoView();
    if (away()) scrollBy(0, top() - innerHeight / 2);
    pre.focus({ preventScroll: true });
  }
  const title = panel?.querySelector('h3')?.lastChild?.textContent ?? '';
  const one = /^\d+$/.test(lines);
  return {
    name: `${side.toUpperCase()} ${title}`,
    role: side,
    what: `${one ? 'line' : 'lines'} ${lines.replaceAll(',', ', ').replaceAll('-', '–')}`,
    other: one ? `${touch.matches ? 'tap' : 'shift-click'} another number for a range` : '',
    steps: false,
  };
});

const placesOf = (event: Event) => (event.target as Element).closest?.('[data-lines]')?.getAttribute('data-lines');

for (const kind of ['pointerover', 'focusin']) {
  document.addEventListener(kind, (event) => {
    const places = placesOf(event);
    if (places) showLines(places);
  });
}
for (const kind of ['pointerout', 'focusout']) {
  document.addEventListener(kind, (event) => {
    if (placesOf(event)) registry?.delete('line');
  });
}

// Without a script a citation leads to its output, with one to its lines.
for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-lines]:not(.path a)'))
  link.href = addressOf(link.dataset.lines ?? '');

/** The line of a run at a height on the screen. */
function lineAt(run: HTMLElement, y: number): number {
  const numbers = numbersOf(run);
  const { top, height } = run.getBoundingClientRect();
  return numbers[Math.floor(((y - top) / height) * numbers.length)] ?? (numbers[0] as number);
}

// Before the viewer hears of it: a click in the gutter or on a gap does not open the output.
document.addEventListener(
  'click',
  (event) => {
    const target = event.target as Element;
    if (target.closest('[data-v]')) return;
    const pre = target.closest<HTMLElement>('pre[data-capture]');
    const cited = target.closest('a[data-lines], svg [data-lines], tr[data-lines]');
    const [, side, name, lit = ''] = ADDRESS.exec(litAddress()) ?? [];
    if (cited && !cited.closest('.walk')) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      goTo(addressOf(cited.getAttribute('data-lines') ?? ''));
    } else if (pre && target instanceof HTMLElement && target.matches('.run')) {
      const line = lineAt(target, event.clientY);
      const same = pre.dataset.capture === `${side}/${name}`;
      const known = lit.match(/\d+/g)?.map(Number) ?? [];
      if (!target.firstElementChild?.checkVisibility()) uncover(target);
      else if (same && lit === `L${line}`) putOut();
      else {
        const extended = event.shiftKey || ((event as PointerEvent).pointerType === 'touch' && !known[1]);
        const all = extended && same ? [line, ...known] : [line];
        const [first, last] = [Math.min(...all), Math.max(...all)];
        goTo(addressOf(`${pre.dataset.capture}:${first}${last > first ? `-${last}` : ''}`), false, same);
      }
    } else if (
      pre &&
      !pre.closest('dialog') &&
      pre.dataset.capture === `${side}/${name}` &&
      getSelection()?.isCollapsed !== false
    ) {
      putOut();
    } else return;
    event.stopPropagation();
  },
  true,
);
