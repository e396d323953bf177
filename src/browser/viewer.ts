/** The full-size view of the outputs of a row: one side, both, or what differs, with its neighbours a key away. */
import { differencesTable, rowOf } from './differences.ts';
import { lightAddress } from './lines.ts';
import { hash, litAddress } from './lit.ts';
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

if (dialog) start(dialog);

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
  let difference = 0;
  let opener: HTMLElement | undefined;
  /** Brings the address back to what it was before the view was opened. */
  let undo: (() => void) | undefined;
  /** True while the address goes back because the view was closed. */
  let quiet = false;
  let scrolled = 0;

  const back = () => {
    quiet = true;
    history.back();
  };
  /** The address of lines that are lit in what is shown. */
  const litHere = () => shown.some((pre) => litAddress().startsWith(`#${panelOf(pre).id}:`)) && litAddress();

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

  /** Shows a row in a mode, or the one side it has. */
  const show = (to: string, wanted: string) => {
    const was = viewer.dataset.mode;
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
    const lit = litHere();
    if (lit) lightAddress(lit);
    const address = is === 'differs' ? `#diff=${id}` : lit || `#${panelOf(first).id}`;
    if (is !== 'differs' || was === is || undo === back || location.hash === address)
      return history.replaceState(history.state, '', address);
    // Back leads to where the reader was, not to what the view showed on the way.
    undo?.();
    history.pushState(null, '', address);
    undo = back;
  };

  const open = (to: string, wanted: string, from?: HTMLElement) => {
    opener = from;
    scrolled = scrollY;
    const { href } = location;
    const origin = history.state?.from ?? (litAddress() ? undefined : href);
    undo = () => {
      const lit = mode !== 'differs' && litHere();
      history.replaceState({ ...history.state, ...(lit && { from: origin }) }, '', lit || href);
    };
    viewer.showModal();
    viewer.focus();
    show(to, wanted);
  };

  const actions: Record<string, (button: HTMLElement) => void> = {
    wrap: (button) => button.setAttribute('aria-pressed', `${viewer.classList.toggle('wrap')}`),
    copy: () => void copy(shown[0]?.textContent ?? '', 'Output'),
    copy2: () => void copy(shown[1]?.textContent ?? '', 'Output'),
    previous: () => show(neighbour(-1), mode),
    next: () => show(neighbour(1), mode),
    up: () => step(-1),
    down: () => step(1),
    close: () => viewer.close(),
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

  /** Brings the keyboard back to where the view was opened, or to what was shown last. */
  const home = () => {
    const back = opener ?? (shown[0] as HTMLElement);
    reveal(back);
    back.focus({ preventScroll: Boolean(opener) });
  };

  const toOutput = () =>
    document
      .getElementById(hash().slice(1))
      ?.querySelector<HTMLElement>(':scope > [data-capture]')
      ?.focus({ preventScroll: true });
  // Where the address leads to no field, the browser takes the keyboard away once the page has loaded.
  addEventListener('load', () => requestAnimationFrame(() => document.activeElement === document.body && toOutput()));

  /** An address that leads to differences opens them; one that leads to an output leads the keyboard there too. */
  const fromAddress = () => {
    const to = hash().slice(1);
    const [, wanted] = to.split('diff=');
    if (quiet) {
      quiet = false;
      // Going back to the address of an output takes place and keyboard from where they were.
      scrollTo(0, scrolled);
      home();
    } else if (wanted !== undefined) {
      const [first, second] = rows[wanted] ?? [];
      if (!first || !second) return say(`Nothing to compare under the name ${wanted}`);
      if (viewer.open) return show(wanted, 'differs');
      open(wanted, 'differs');
      undo = () => history.replaceState(null, '', `#${panelOf(first).id}`);
    } else if (viewer.open) {
      if (undo === back) scrollTo(0, scrolled);
      undo = undefined;
      viewer.close();
    } else toOutput();
  };
  addEventListener('hashchange', fromAddress);

  viewer.addEventListener('close', () => {
    home();
    viewer.dataset.mode = '';
    delete output.dataset.capture;
    for (const second of viewer.querySelectorAll('.second')) second.remove();
    undo?.();
  });
  fromAddress();
}
