import { html, type Markup } from './html.ts';

/** Lines of an output that something rests on. */
export interface Cited {
  /** `v1/l6-local-failover` */
  capture: string;
  /** First and last line, 1-based, both included. */
  from: number;
  to: number;
}

/** An address that names more pieces of an output than these would be longer than anybody sends. */
const MOST_PIECES = 40;
/** More outputs than these are left to the figure or the check itself. */
const MOST_OUTPUTS = 3;

/** The lines of each output among some places, in order, those that follow each other as one piece. */
function piecesOf(places: readonly Cited[]): [capture: string, pieces: Cited[]][] {
  return [...Map.groupBy(places, ({ capture }) => capture)].map(([capture, all]) => {
    const pieces: Cited[] = [];
    for (const { from, to } of all.toSorted((a, b) => a.from - b.from)) {
      const last = pieces.at(-1);
      if (last && from <= last.to + 1) last.to = Math.max(last.to, to);
      else pieces.push({ capture, from, to });
    }
    return [capture, pieces.slice(0, MOST_PIECES)];
  });
}

/** Places as the value of `data-lines`: `v1/l4-iptables-nat:29-30,77 v1/l1-service-ips:2`; undefined where there are none. */
export function linesAttribute(...places: Cited[]): string | undefined {
  const outputs = piecesOf(places).map(([capture, pieces]) => {
    const lines = pieces.map(({ from, to }) => (to === from ? from : `${from}-${to}`));
    return `${capture}:${lines.join()}`;
  });
  return outputs.join(' ') || undefined;
}

/** The address of an output on the page: `#v1-l6-cluster-mode`. */
export function anchorOf(capture: string): string {
  return `#${capture.replace('/', '-')}`;
}

/** What the page calls an output, by its key `v1/l6-local-failover`. */
export type NameOf = (capture: string) => string;

/** The names of outputs by the recipe; a key that it does not know stays what it is. */
export function namesIn(captures: readonly { key: string; name: string }[]): NameOf {
  const names = new Map(captures.map(({ key, name }) => [key, name]));
  return (capture) => names.get(capture) ?? capture;
}

/** `Policy map: lines 4–8` */
export function linesLabel(cited: Cited, nameOf: NameOf): string {
  return `${nameOf(cited.capture)}: ${piecesText([cited])}`;
}

/** `line 91`, `lines 92–94`, `16 lines` */
function piecesText(places: readonly Cited[]): string {
  const [first, second] = places;
  if (first && !second) return first.from === first.to ? `line ${first.from}` : `lines ${first.from}–${first.to}`;
  return `${places.reduce((sum, { from, to }) => sum + to - from + 1, 0)} lines`;
}

/**
 * Links to the lines something rests on, one an output: pointing shows them, a click lights them. Without a script they
 * lead to the output.
 * @param own output beside which they stand, which needs no name
 */
export function citesHtml(places: readonly Cited[], nameOf: NameOf, own = ''): Markup {
  const outputs = piecesOf(places).slice(0, MOST_OUTPUTS);
  return html`${outputs.map(([capture, all]) => {
    const side = capture.slice(0, 2);
    const label = capture === own ? piecesText(all) : `${side.toUpperCase()} ${nameOf(capture)}: ${piecesText(all)}`;
    return html` <a class="cite" href="${anchorOf(capture)}" data-lines="${linesAttribute(...all)}"${capture !== own && html` data-side="${side}"`}>${label}</a>`;
  })}`;
}
