/** The full-size view of one output, with its neighbours a key away. */
import { differencesTable, rowOf } from './differences.ts';
import { copy } from './page.ts';

const dialog = document.querySelector<HTMLDialogElement>('#viewer');
const panels = [...document.querySelectorAll<HTMLElement>('.panel:has(pre)')];
let current = -1;
let opener: HTMLElement | null = null;

if (dialog) start(dialog);

function start(viewer: HTMLDialogElement): void {
  const part = <T extends HTMLElement>(selector: string) => viewer.querySelector<T>(selector) as T;
  const output = part('pre');

  /** Shows the output beside its counterpart, or alone again. */
  const differ = (on: boolean) => {
    const row = on ? rowOf(panels[current]?.querySelector('pre')?.dataset.capture ?? '') : undefined;
    const table = part('.differs');
    table.replaceChildren(...(row ? [differencesTable(row)] : []));
    table.hidden = !row;
    output.hidden = Boolean(row);
    part('[data-viewer=differs]').setAttribute('aria-pressed', String(Boolean(row)));
  };

  const show = (index: number) => {
    current = (index + panels.length) % panels.length;
    const panel = panels[current] as HTMLElement;
    const source = panel.querySelector('pre') as HTMLElement;
    const text = (selector: string) => panel.querySelector(selector)?.textContent ?? '';
    part('h2').textContent = [...(panel.querySelector('h3')?.childNodes ?? [])]
      .map((node) => node.textContent)
      .join(' · ');
    part('.place').textContent =
      `${panel.querySelector('.side')?.getAttribute('title')} · ${current + 1} of ${panels.length}`;
    part('.command code').textContent = text('.command code');
    part('.flag').textContent = [...panel.querySelectorAll('.flag p')].map((remark) => remark.textContent).join(' ');
    part('footer').textContent = `${text('.origin')} · sha256 ${panel.querySelector('.sha')?.getAttribute('title')}`;
    part<HTMLAnchorElement>('.raw').href = panel.querySelector<HTMLAnchorElement>('.raw')?.href ?? '';
    output.replaceChildren(...[...source.childNodes].map((node) => node.cloneNode(true)));
    output.scrollTo(0, 0);
    differ(false);
    part<HTMLButtonElement>('[data-viewer=differs]').disabled = rowOf(source.dataset.capture ?? '') === undefined;
    history.replaceState(null, '', `#${panel.id}`);
  };

  const open = (panel: HTMLElement, from: HTMLElement) => {
    opener = from;
    show(panels.indexOf(panel));
    viewer.showModal();
    output.focus();
  };

  const actions: Record<string, () => void> = {
    differs: () => differ(output.hidden !== true),
    wrap: () => part('[data-viewer=wrap]').setAttribute('aria-pressed', String(viewer.classList.toggle('wrap'))),
    copy: () => void copy(output.textContent ?? '', 'Output'),
    previous: () => show(current - 1),
    next: () => show(current + 1),
    close: () => viewer.close(),
  };

  document.addEventListener('click', (event) => {
    const target = event.target as HTMLElement;
    const action = target.closest<HTMLElement>('[data-viewer]')?.dataset.viewer;
    if (action) return actions[action]?.();
    const from = target.closest<HTMLElement>('.panel pre, [data-action=open]');
    const panel = from?.closest<HTMLElement>('.panel');
    // Marking text with the mouse ends in a click too; that one does not open anything.
    if (from && panel && (from.tagName !== 'PRE' || getSelection()?.isCollapsed !== false)) open(panel, from);
  });

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (viewer.open) {
      const turn = { ArrowLeft: 'previous', ArrowRight: 'next', p: 'previous', n: 'next', w: 'wrap', d: 'differs' }[
        event.key
      ];
      // While a long line can be scrolled sideways the arrows scroll; n and p always turn.
      if (!turn || (event.key.startsWith('Arrow') && target === output && output.scrollWidth > output.clientWidth))
        return;
      event.preventDefault();
      actions[turn]?.();
    } else if (event.key === 'Enter' && target.matches('.panel pre')) {
      event.preventDefault();
      open(target.closest('.panel') as HTMLElement, target);
    }
  });

  /** An address that leads to an output leads the keyboard there too. */
  const focusTarget = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    panels
      .find((panel) => panel.id === id)
      ?.querySelector('pre')
      ?.focus({ preventScroll: true });
  };
  addEventListener('hashchange', focusTarget);
  focusTarget();

  viewer.addEventListener('close', () => {
    const shown = panels[current];
    const back = opener?.closest('.panel') === shown ? opener : shown?.querySelector<HTMLElement>('pre');
    back?.focus({ preventScroll: opener?.closest('.panel') === shown });
    output.replaceChildren();
  });
}
