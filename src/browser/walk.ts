/**
 * Steps through the rules of the packet that is shown: each says what it asks where it stands, and its line is lit in
 * the output below. Packet and rule stand in the address: `#walk-2.11`.
 */
import { showLines } from './lines.ts';
import { litAddress } from './lit.ts';

const figure = document.querySelector<HTMLElement>('.walk');
/** Steps to no rule. */
export const leaveWalk = figure && start(figure);

function start(walk: HTMLElement): () => void {
  const packets = [...walk.querySelectorAll<HTMLInputElement>('[name=packet]')];
  const [place, status] = walk.querySelectorAll('.step span') as NodeListOf<HTMLElement>;
  const next = walk.querySelector<HTMLElement>('[data-step=next]');
  let pointed = false;
  let at = -1;
  let packet = 0;

  const shown = () => walk.querySelector(':checked + label + .walked') as HTMLElement;
  const stops = () => [...shown().querySelectorAll<HTMLAnchorElement>('.path a[data-lines]')];
  const toldOf = ({ hash }: HTMLAnchorElement) => document.getElementById(hash.slice(1));
  const stopOf = (event: Event) => (event.target as Element).closest<HTMLAnchorElement>('.path a[data-lines]');
  // The walk is one place for the keyboard; its arrows lead from rule to rule, and each is read with what it says.
  for (const stop of walk.querySelectorAll<HTMLAnchorElement>('.path a[data-lines]'))
    stop.setAttribute('aria-describedby', stop.hash.slice(1));

  /** Gives a name to a rule and to what it says, and to no other. */
  const only = (name: string, stop?: HTMLAnchorElement | null) => {
    for (const old of walk.querySelectorAll(`.${name}`)) old.classList.remove(name);
    stop?.classList.add(name);
    if (stop) toldOf(stop)?.classList.add(name);
  };

  const show = (to: number, block?: ScrollLogicalPosition) => {
    const all = stops();
    at = Math.max(-1, Math.min(all.length - 1, to));
    packet = packets.findIndex(({ checked }) => checked);
    const stop = all[at];
    const told = stop && toldOf(stop);
    only('here', stop);
    only('peek');
    const text = told?.textContent ?? '';
    if (place) place.textContent = /marks? .*?(?=:)/.exec(text)?.[0] ?? '';
    if (status) status.textContent = text;
    // The side that finds its answer by key has found it from the first step on.
    const row = shown().querySelector('.found')?.getAttribute('data-lines') ?? '';
    showLines(stop ? `${stop.dataset.lines} ${row}` : '', 'step');
    if (block) for (const part of [told, stop]) part?.scrollIntoView({ block });
  };

  /** As {@link show}, and keeps it in the address: a step back in the history leaves the packet, or the walk. */
  const go = (to: number) => {
    const [before, was] = [packet, at];
    show(to, 'nearest');
    if (packet === before && at === was) return;
    const address = `#walk-${packet + 1}${at < 0 ? '' : `.${stops()[at]?.hash.split('.')[1]}`}`;
    const { state } = history;
    if (packet === before && location.hash.startsWith('#walk-')) return history.replaceState(state, '', address);
    history.replaceState({ ...state, packet: before }, '');
    history.pushState({ lit: litAddress() }, '', address);
  };

  const fromAddress = (left?: number) => {
    const [id, number] = /^#walk-(\d+)/.exec(location.hash) ?? [];
    const chosen = packets[id ? Number(number) - 1 : (left ?? -1)];
    if (chosen) chosen.checked = true;
    if (!id && at < 0 && !chosen) return;
    const to = stops().findIndex(({ hash }) => hash === location.hash);
    // Back and Forward leave scrolling to the browser.
    if (history.state) return show(to);
    show(to, 'center');
    if (id && to < 0) walk.scrollIntoView({ block: 'nearest' });
  };

  walk.addEventListener('change', () => go(-1));
  walk.addEventListener('click', (event) => {
    const target = event.target as Element;
    const step = target.closest<HTMLElement>('[data-step]')?.dataset.step;
    const stop = stopOf(event);
    if (step) turn(step);
    // A packet chosen by pointer, which the browser reports of the label first, leaves the arrows to its rules.
    if (pointed && target.matches('input')) next?.focus({ preventScroll: true });
    pointed = Boolean(target.closest('label'));
    if (!stop) return;
    // The browser would scroll to what the rule says, which need not be shown yet.
    event.preventDefault();
    go(stops().indexOf(stop));
  });
  walk.addEventListener('focusin', (event) => {
    const stop = stopOf(event);
    if (stop) go(stops().indexOf(stop));
  });
  // A pointer that rests points at nothing: what the page scrolls under it must not hide where the reader is.
  walk.addEventListener('pointermove', (event) => {
    if (event.movementX || event.movementY) only('peek', stopOf(event));
  });
  walk.addEventListener('pointerout', () => only('peek'));

  const turn = (step: string) => go({ first: 0, back: Math.max(0, at - 1), next: at + 1 }[step] ?? stops().length - 1);

  walk.addEventListener('keydown', (event) => {
    const step = { Home: 'first', ArrowLeft: 'back', ArrowRight: 'next', End: 'last' }[event.key];
    const target = event.target as Element;
    if (!step || event.ctrlKey || event.metaKey || event.altKey || target.matches('input, .scroll')) return;
    event.preventDefault();
    turn(step);
    if (stopOf(event)) stops()[at]?.focus({ preventScroll: true });
  });
  addEventListener('popstate', ({ state }) => fromAddress(state?.packet));
  fromAddress();
  return () => go(-1);
}
