/** What the reader has lit, a value or lines: the address that names it, the bar that says so, and the way back. */

import { say } from './page.ts';

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
  /** Where the page stood when this page added the next: to an address of a place the browser goes back by that place. */
  top?: number;
  /** What covers the page, so that Back uncovers it: `sheet`, the search's, or the address of the full-size view. */
  over?: string;
}

const kinds: [names: RegExp, show: Show][] = [];
const bar = document.querySelector<HTMLElement>('#follow');
const viewer = document.querySelector<HTMLDialogElement>('#viewer');
let lit = '';
let moved = false;
let opener: Element | null = null;

const entry = () => history.state as Entry | null;
const here = () => location.pathname + location.search;
const isLight = () => kinds.some(([names]) => names.test(hash()));
/** The address without what is lit, or shown in full size. */
const unlit = () => (isLight() || /^#diff=/.test(location.hash) ? here() : location.hash || here());

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
  const told = kinds.map(([names, show]) => show(names.test(address) ? address : '', go)).find(Boolean);
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

/** Writes over the entry of the history, or adds one; `over` is what covers the page then. */
export function write(address: string, over?: string, add = false): void {
  const { from = unlit(), depth = 0 } = entry() ?? {};
  if (add) history.replaceState({ ...entry(), top: scrollY }, '');
  history[add ? 'pushState' : 'replaceState']({ lit, from, depth: depth + Number(add), over }, '', address);
}

/** Takes the view away where the reader goes on from it: its entry of the history is from now on that of what is lit. */
export function leave(): void {
  if (viewer?.open) write(lit);
  viewer?.close();
}

/**
 * Lights what an address names.
 * @param go false leaves the page where it is
 * @param instead true writes over the entry of the history rather than adding one
 */
export function goTo(address: string, go = true, instead = false): void {
  if (!lit) [opener, moved] = [document.activeElement, false];
  const over = entry()?.over;
  lit = address;
  write(address, viewer?.open ? over : undefined, !instead && !over && address !== hash());
  light(address, go);
}

/** Puts the light out. Where the page was moved for it, the reader is back where that began. */
export function putOut(): void {
  if (!lit) return;
  const { from, depth, over } = entry() ?? {};
  if (moved && depth && !viewer?.open) {
    history.go(-depth);
    return;
  }
  if (viewer?.open) history.replaceState({ ...entry(), lit: '' }, '', over);
  else history.replaceState({ lit: '' }, '', from ?? unlit());
  light('', false);
}

/** Back and Forward light what was lit then and leave scrolling to the browser; a link keeps what is lit. */
function arrive(): void {
  const known = entry();
  if (known) {
    const { top, ...rest } = known;
    const back = lit && !known.lit && (opener as HTMLElement | null);
    if (known.lit !== lit) light(known.lit, false);
    history.replaceState(rest, '');
    // After the browser, which goes by the address and takes the keyboard away where that leads to no field.
    requestAnimationFrame(() => {
      if (top !== undefined) scrollTo(0, top);
      if (back === document.body) (document.activeElement as HTMLElement).blur();
      if (back) back.focus({ preventScroll: true });
    });
    return;
  }
  const own = isLight();
  const name = hash().slice(1);
  history.replaceState({ lit: own ? hash() : lit }, '');
  if (own) light(hash(), true);
  // What is followed or compared in vain says so itself.
  if (name && bar?.hidden && !/^(diff|follow|walk)\b/.test(name) && !document.getElementById(name))
    say(`This page has no ${name}`);
}

/** Begins, once every kind of address is known. */
export function start(): void {
  addEventListener('popstate', arrive);
  arrive();
  // The bar must be inside the dialog to be reached while it is open.
  viewer?.addEventListener('toggle', () => bar && (viewer.open ? viewer : document.body).append(bar));
}
