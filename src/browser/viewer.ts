/** The full-size view of the outputs of a row: one side, both, or what differs, with its neighbours a key away. */
import { differencesTable, rowOf } from './differences.ts';
import { lightAddress } from './lines.ts';
import { goTo, hash, litAddress, write } from './lit.ts';
import { copy, say } from './page.ts';
import { reveal } from './reveal.ts';

const dialog = document.querySelector<HTMLDialogElement>('#viewer');
/** The outputs of each row by the name of its first, `l6-local-failover`, in page order. */
const rows: Record<string, HTMLElement[]> = {};
for (const pre of document.querySelectorAll<HTMLElement>('[data-capture]')) {
  rows[nameOf(pre)] = [...(rows[nameOf(pre)] ?? []), pre];
}
const ids = Object.keys(rows);

function nameOf({ dataset: { capture = '' } }: HTMLElement): string {
  return (rowOf(capture)?.v1 ?? capture).slice(3);
}

function panelOf(pre: HTMLElement): HTMLElement {
  return pre.closest('.panel') as HTMLElement;
}

function sideOf(pre: HTMLElement): string {
  return panelOf(pre).dataset.side as string;
}

/** What the outputs are called: once where both sides call them the same. */
function titleOf(outputs: HTMLElement[]): string {
  return [...new Set(outputs.map((pre) => panelOf(pre).querySelector('h3')?.lastChild?.textContent))].join(' | ');
}

/** Whose output it is, where it comes from and what was run, as its panel says it. */
function headOf(pre: HTMLElement): HTMLElement {
  const head = document.createElement('div');
  head.className = sideOf(pre);
  for (const part of ['.side', '.origin', '.sha', '.command code', '.flag'])
    for (const found of panelOf(pre).querySelectorAll(part)) head.append(found.cloneNode(true), ' ');
  return head;
}

/** Begins, once what the address lights is lit. */
export function startViewer(): void {
  if (dialog) start(dialog);
}

function start(viewer: HTMLDialogElement): void {
  const part = <T extends HTMLElement>(selector: string) => viewer.querySelector<T>(selector) as T;
  const output = part('pre');
  const table = part('.differs');
  const raws = viewer.querySelectorAll<HTMLAnchorElement>('.raw');
  /** `v1`, `v2`, `both` or `differs`, and what it was before; where a row has one side only, that is shown meanwhile. */
  let mode = '';
  let before = 'v1';
  let id = '';
  let shown: HTMLElement[] = [];
  /** The address of that. */
  let own = '';
  let difference = 0;
  /** What it was opened by, and with what lit. Where an address opened it, no entry of the history was added. */
  let opener: HTMLElement | undefined;
  let litBefore = '';

  const neighbour = (by: number) => ids[(ids.indexOf(id) + by + ids.length) % ids.length] as string;

  const step = (by: number) => {
    const { places = [], words = [], says = '' } = rowOf(shown[0]?.dataset.capture) ?? {};
    difference = (difference + by + places.length) % places.length || 0;
    const at = places[difference];
    const lines = [...table.querySelectorAll('tbody [class^=is]')];
    for (const [index, line] of lines.entries()) line.toggleAttribute('data-at', Boolean(at?.includes(index)));
    table.querySelector('[data-at]')?.scrollIntoView({ block: 'nearest' });
    part('.count').textContent = at ? `difference ${difference + 1} of ${places.length}` : '';
    part('.told').textContent = words[difference] ?? '';
    part('.says').textContent = says;
  };

  /** Shows a row in a mode, or the one side it has. All that is shown until the view is closed is one entry of the history. */
  const show = (to: string, wanted: string, add = false) => {
    mode = wanted;
    id = to;
    const outputs = rows[id] as HTMLElement[];
    const one = outputs.find((pre) => sideOf(pre) === mode);
    shown = one ? [one] : outputs;
    const first = shown[0] as HTMLElement;
    const row = rowOf(first.dataset.capture);
    const is = shown[1] ? mode : sideOf(first);
    viewer.dataset.mode = is;
    viewer.classList.toggle('apart', Boolean(row?.apart));
    part<HTMLFieldSetElement>('.modes').disabled = !row;
    part<HTMLInputElement>(`[value=${is}]`).checked = true;
    part('h2 span').textContent = (id.split('-')[0] as string).toUpperCase();
    part('h2 b').textContent = titleOf(shown);
    part('.previous').textContent = titleOf(rows[neighbour(-1)] as HTMLElement[]);
    part('.next').textContent = titleOf(rows[neighbour(1)] as HTMLElement[]);
    for (const old of viewer.querySelectorAll('.second')) old.remove();
    for (const [index, pre] of shown.entries()) {
      (raws[index] as HTMLAnchorElement).href = panelOf(pre).querySelector<HTMLAnchorElement>('a.raw')?.href ?? '';
      const [over, into] = [part('.head'), output].map((element) => {
        if (!index) return element;
        const other = element.cloneNode() as HTMLElement;
        other.classList.add('second');
        table.before(other);
        return other;
      }) as [HTMLElement, HTMLElement];
      over.replaceChildren(headOf(pre));
      into.replaceChildren(...[...pre.childNodes].map((node) => node.cloneNode(true)));
      into.className = `${pre.className}${index ? ' second' : ''}`;
      into.dataset.capture = pre.dataset.capture;
      into.ariaLabel = pre.ariaLabel;
      into.scrollTo(0, 0);
    }
    table.replaceChildren(...(is === 'differs' && row ? [differencesTable(row, shown.map(headOf))] : []));
    difference = 0;
    step(0);
    if (!document.activeElement?.matches('#viewer :is(header, footer) :enabled'))
      (is === 'differs' ? table : output).focus();
    const lit = litAddress();
    const here = is !== 'differs' && shown.some((pre) => lit.startsWith(`#${panelOf(pre).id}:`));
    if (here) lightAddress(lit);
    own = is === 'differs' ? `#diff=${id}` : `#${panelOf(first).id}`;
    write(here ? lit : own, own, add);
  };

  const open = (to: string, wanted: string, from?: HTMLElement) => {
    opener = from ?? opener;
    litBefore = litAddress();
    if (!viewer.open) viewer.showModal();
    viewer.focus();
    show(to, wanted, Boolean(from));
  };

  const actions: Record<string, (button: HTMLElement) => void> = {
    wrap: (button) => button.setAttribute('aria-pressed', `${viewer.classList.toggle('wrap')}`),
    copy: () => void copy(shown[0]?.textContent ?? '', 'Output'),
    copy2: () => void copy(shown[1]?.textContent ?? '', 'Output'),
    previous: () => show(neighbour(-1), mode),
    next: () => show(neighbour(1), mode),
    up: () => step(-1),
    down: () => step(1),
    close: () => away(),
  };

  viewer.addEventListener('change', ({ target }) => {
    before = mode;
    show(id, (target as HTMLInputElement).value);
  });

  let waiting = 0;
  document.addEventListener('click', ({ target, detail }) => {
    clearTimeout(waiting);
    const at = target as HTMLElement;
    const button = at.closest<HTMLElement>('[data-viewer]');
    if (button) return actions[button.dataset.viewer as string]?.(button);
    const from = at.closest<HTMLElement>('[data-capture], [data-action=open]');
    const pre = from?.closest('.panel')?.querySelector<HTMLElement>('[data-capture]');
    if (!from || !pre) return;
    const now = () => open(nameOf(pre), sideOf(pre), from);
    if (from !== pre) return now();
    // A second click marks a word, and marking text ends in a click too: neither opens anything.
    waiting = window.setTimeout(() => detail < 2 && getSelection()?.isCollapsed !== false && now(), 300);
  });

  document.addEventListener('keydown', (event) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = event.target as HTMLElement;
    if (!viewer.open) {
      if (!/^(Enter|d)$/.test(key) || !at.matches('[data-capture]')) return;
      before = sideOf(at);
      open(nameOf(at), key === 'd' ? 'differs' : before, at);
    } else {
      // Arrows first choose among the modes and scroll long lines; n and p always turn.
      if (key.startsWith('Arrow') && (at.scrollWidth > at.clientWidth || at.matches('input'))) return;
      const toggled = mode === 'differs' ? before : 'differs';
      const button = key === 'd' ? part(`[value=${toggled}]`) : part(`[data-keys~="${CSS.escape(key)}"]`);
      if (!button) return;
      button.click();
    }
    event.preventDefault();
  });

  /** What was lit in the view and is to stay so, while the history goes back. */
  let carried: string | undefined;

  /** Closes the view: back to the page as it was. Where an address opened the view, the page begins at its output. */
  const away = () => {
    const lit = litAddress();
    if (!opener) {
      history.replaceState({ lit }, '', lit || `#${panelOf(shown[0] as HTMLElement).id}`);
      viewer.close();
      home();
    } else if (carried === undefined) {
      carried = lit === litBefore ? '' : lit;
      history.back();
    }
  };

  /** Brings the keyboard back to where the view was opened, or to what was shown last. */
  const home = () =>
    // After the browser, which takes the keyboard away where the address leads to no field.
    requestAnimationFrame(() => {
      const back = opener ?? (shown[0] as HTMLElement);
      reveal(back);
      back.focus({ preventScroll: Boolean(opener) });
    });

  const toOutput = () =>
    document
      .getElementById(hash().slice(1))
      ?.querySelector<HTMLElement>(':scope > [data-capture]')
      ?.focus({ preventScroll: true });
  // Where the address leads to no field, the browser takes the keyboard away once the page has loaded.
  addEventListener('load', () => requestAnimationFrame(() => document.activeElement === document.body && toOutput()));

  addEventListener('hashchange', () => viewer.open || toOutput());

  /** An address of differences opens them; so does the entry of a view that Forward or a reload leads to. */
  const arrive = () => {
    const { over } = history.state;
    const [name, wanted] = (over ?? hash()).slice(1).split('diff=');
    const [first, second] = rows[wanted] ?? [];
    const pre = wanted === undefined ? over && document.querySelector(`#${name} > [data-capture]`) : second && first;
    if (pre && viewer.open && over === own) return;
    if (pre) {
      if (!over) opener = undefined;
      open(nameOf(pre), wanted === undefined ? sideOf(pre) : 'differs');
    } else if (wanted !== undefined) say(`Nothing to compare under the name ${wanted}`);
    else if (viewer.open || carried !== undefined) {
      viewer.close();
      if (carried) goTo(carried, false, true);
      carried = undefined;
      home();
    }
  };
  addEventListener('popstate', arrive);

  viewer.addEventListener('cancel', (event) => {
    event.preventDefault();
    away();
  });
  viewer.addEventListener('close', () => {
    if (viewer.open) return;
    for (const pre of viewer.querySelectorAll('pre')) delete pre.dataset.capture;
    // Not every browser asks each time before it closes.
    if (history.state.over) away();
  });
  arrive();
}
