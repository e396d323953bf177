/** What the reader has lit, a value or lines: the address that names it, the bar that says so, and the way back. */

/** What the bar says of what is lit. */
export interface Told {
  name: string;
  /** Role that colours the name. */
  role: string;
  what: string;
  other: string;
  /** True where there are places to step through. */
  steps: boolean;
}

/** Lights what an address names, and goes there where it is told to; an empty address puts its light out. */
type Show = (address: string, go: boolean) => Told | undefined;

/** What this page keeps with each entry of the history. */
interface Entry {
  lit: string;
  /** Where this page made the entry: the address before anything was lit, and how many entries ago that was. */
  from?: string;
  depth?: number;
  /** Made by the sheet of the search, so that Back closes it. */
  sheet?: true;
}

const kinds: [names: RegExp, show: Show][] = [];
const bar = document.querySelector<HTMLElement>('#follow');
const viewer = document.querySelector<HTMLDialogElement>('#viewer');
let lit = '';
let moved = false;
let opener: Element | null = null;

const entry = () => history.state as Entry | null;
const here = () => location.pathname + location.search;

/** The address of the page after the number sign, as it was written. */
export function hash(): string {
  try {
    return decodeURIComponent(location.hash);
  } catch {
    return location.hash;
  }
}

/** Makes addresses of one kind lead to something. */
export function lights(names: RegExp, show: Show): void {
  kinds.push([names, show]);
}

/** Says in the bar what `selector` stands for. */
export function tell(selector: string, text: string): void {
  const part = bar?.querySelector(selector);
  if (part) part.textContent = text;
}

function light(address: string, go: boolean): void {
  lit = address;
  moved ||= go;
  tell('.at', '');
  const [told] = kinds.map(([names, show]) => show(names.test(address) ? address : '', go)).filter((one) => one);
  if (!bar) return;
  bar.hidden = !told;
  if (!told) return;
  tell('b', told.name);
  bar.querySelector('b')?.setAttribute('class', told.role);
  tell('.what', told.what);
  tell('.other', told.other);
  for (const button of bar.querySelectorAll<HTMLElement>('.step')) button.hidden = !told.steps;
}

/** The address of what is lit; empty where nothing is. */
export function litAddress(): string {
  return lit;
}

/** Says that the page itself moved: the way back leads to where the reader was before. */
export function hasMoved(): void {
  moved = true;
}

/**
 * Lights what an address names.
 * @param go false leaves the page where it is
 * @param instead true writes over the entry of the history rather than adding one
 */
export function goTo(address: string, go = true, instead = false): void {
  if (!lit) [opener, moved] = [document.activeElement, false];
  const before = entry();
  const { from, depth = 0 } = (lit && before?.depth && before) || { from: location.hash || here() };
  const made: Entry = { lit: address, ...(from && { from }), depth: depth + (instead ? 0 : 1) };
  if (address !== hash()) history[instead || before?.sheet ? 'replaceState' : 'pushState'](made, '', address);
  light(address, go);
}

/** Puts the light out. Where the page was moved for it, the reader is back where that began. */
export function putOut(): void {
  if (!lit) return;
  const { from, depth } = entry() ?? {};
  if (moved && depth) {
    history.go(-depth);
    return;
  }
  const own = kinds.some(([names]) => names.test(hash()));
  history.replaceState({ lit: '' }, '', own ? (from ?? here()) : location.hash || here());
  light('', false);
}

/** Back and Forward light what was lit then and leave scrolling to the browser; a link keeps what is lit. */
function arrive(): void {
  const known = entry();
  if (known && 'lit' in known) {
    const before = lit;
    light(known.lit, false);
    const back = opener as HTMLElement | null;
    // After the browser, which takes the keyboard away where the address leads to no field.
    if (before && !known.lit && back)
      requestAnimationFrame(() => {
        if (back === document.body) (document.activeElement as HTMLElement).blur();
        back.focus({ preventScroll: true });
      });
    return;
  }
  const own = kinds.some(([names]) => names.test(hash()));
  history.replaceState({ lit: own ? hash() : lit }, '');
  if (own) light(hash(), true);
}

/** Begins, once every kind of address is known. */
export function start(): void {
  addEventListener('popstate', arrive);
  arrive();
  // The bar must be inside the dialog to be reached while it is open.
  viewer?.addEventListener('toggle', () => bar && (viewer.open ? viewer : document.body).append(bar));
}
