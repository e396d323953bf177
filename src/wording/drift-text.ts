import type { Change, Drift } from '../analysis/drift.ts';
import { printable } from '../problem.ts';
import { counted } from '../words.ts';

/** A drift as text for a terminal, one line a change. */
export function driftText({ side, from, to, changes, compared, differing }: Drift): string {
  const lines = [`${side.toUpperCase()}: from ${from} to ${to}`];
  for (const [area, own] of Map.groupBy(changes, (change) => change.area)) {
    lines.push(`  ${area}`);
    for (const change of own) lines.push(`    ${printable(changeText(change))}`);
  }
  const bytes = `${differing} of ${compared} outputs differ in their bytes`;
  lines.push(
    changes.length === 0
      ? `  Nothing changed in meaning; ${bytes}.`
      : `  ${counted(changes.length, 'change')} in meaning; ${bytes}.`,
  );
  return `${lines.join('\n')}\n`;
}

function changeText({ area, what, capture, before, after }: Change): string {
  const name = area === 'outputs' ? `${capture}` : `${capture === undefined ? '' : `${capture}: `}${what}`;
  if (area === 'flows') return `${name}: ${after === undefined ? 'no longer seen' : 'new'}`;
  if (area === 'policy' && (before === undefined || after === undefined))
    return `${name}: ${after === undefined ? `no longer (${before})` : `new (${after})`}`;
  return `${name}: ${shown(before)} → ${shown(after)}`;
}

/** A value on one line, cut where it is long. */
function shown(value: string | undefined): string {
  if (value === undefined) return 'nothing';
  const line = value.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
