/** Steps through the rules of the packet that is shown: each rule lit in the strip and in the output beside it. */
import { showLines } from './lines.ts';

const figure = document.querySelector<HTMLElement>('.walk');
if (figure) start(figure);

function start(walk: HTMLElement): void {
  let at = -1;

  const shown = () => walk.querySelector<HTMLElement>(':checked + label + .walked');
  const rules = () => [...(shown()?.querySelectorAll<SVGElement>('.v1 [data-lines]') ?? [])];

  const go = (to: number) => {
    const all = rules();
    for (const rule of walk.querySelectorAll('.here')) rule.classList.remove('here');
    for (const status of walk.querySelectorAll('[role=status]')) status.textContent = '';
    at = all.length === 0 ? -1 : Math.max(-1, Math.min(all.length - 1, to));
    const rule = all[at];
    const status = shown()?.querySelector('[role=status]');
    if (!rule || !status) return showLines('', 'step');
    rule.classList.add('here');
    // The side that finds its answer by key has found it from the first step on.
    const rows = shown()?.querySelector('.v2 [data-lines]')?.getAttribute('data-lines') ?? '';
    showLines(`${rule.getAttribute('data-lines')} ${rows}`, 'step');
    status.textContent = `rule ${at + 1} of ${all.length}: ${rule.querySelector('title')?.textContent ?? ''}`;
  };

  walk.addEventListener('change', () => go(-1));
  walk.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-step]');
    if (button) go(at + Number(button.dataset.step));
    const rule = (event.target as Element).closest<SVGElement>('.v1 [data-lines]');
    if (rule) go(rules().indexOf(rule));
  });
}
