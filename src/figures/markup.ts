import type { Citation } from '../model/citation.ts';

/** A piece of HTML or SVG that is safe to put between other markup. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Value = Markup | string | number | undefined | false | readonly Value[];

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Controls that HTML cannot hold or that reorder the text around them (UAX #9); their symbol stands in. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: captures may hold them, and they may not reach the page
const CONTROLS = /[\0-\x08\x0B\x0C\x0E-\x1F\x7F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Text as it may stand between tags and in quoted attributes. */
export function escaped(text: string): string {
  return text.replace(CONTROLS, '\uFFFD').replace(/[&<>"']/g, (char) => ENTITIES[char] as string);
}

/**
 * A template whose values are escaped unless they are {@link Markup}; lists are joined, undefined and false leave
 * nothing.
 */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
  return new Markup(strings.reduce((all, string, index) => all + written(values[index - 1]) + string));
}

function written(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return escaped(String(value));
}

/** A citation as the value of `data-lines`: `capture:line[-line]`. */
export function linesAttribute({ capture, from, to }: Citation): string {
  return `${capture}:${from}${to === from ? '' : `-${to}`}`;
}

/** The address of an output on the page: `#v1-l6-cluster-mode`. */
export function anchorOf(capture: string): string {
  return `#${capture.replace('/', '-')}`;
}

/** A link to the lines of an output; hovering shows them. */
export function linesLink(evidence: Citation, label = linesLabel(evidence)): Markup {
  return html`<a href="${anchorOf(evidence.capture)}" data-lines="${linesAttribute(evidence)}" title="${evidence.text}">${label}</a>`;
}

/** `L8 policy-map:4–8` */
export function linesLabel({ capture, from, to }: Citation): string {
  const [, layer, name] = /^v\d\/(l\d+)-(.*)$/.exec(capture) ?? [];
  return `${layer === undefined ? capture : `${layer.toUpperCase()} ${name}`}:${from}${to === from ? '' : `–${to}`}`;
}

/** A number of percent for an attribute, short. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}

/** Seconds as a reader says them, on one line: `120 s`, `6.0 s`, `0.05 s`. */
export function secondsText(seconds: number): string {
  if (seconds >= 60) return `${Math.round(seconds)}\u00A0s`;
  return `${seconds >= 0.995 ? seconds.toFixed(1) : seconds.toFixed(2)}\u00A0s`;
}

/** `1`, `1 and 2`, `1, 2 and 3` */
export function listed(items: readonly (string | number)[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** Round steps from 0 to `end`, about `most` of them, the last not beyond the end. */
export function ticks(end: number, most: number): number[] {
  const raw = end / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.98) ?? 10) * power;
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) =>
    Number((index * step).toPrecision(12)),
  );
}

/** A sentence of ours as HTML: what stands between backticks as code. */
export function codeHtml(sentence: string): string {
  return sentence
    .split('`')
    .map((part, index) => (index % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part)))
    .join('');
}
