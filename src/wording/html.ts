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

/** Text as it may stand between tags and in quoted attributes. Outputs, byte for byte, go through highlight/html.ts. */
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

/** A sentence of ours: what stands between backticks as code. */
export function codeHtml(sentence: string): Markup {
  return html`${sentence.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** A value of a side in the colour of its role; by its text and `data-of` the page's script knows what it is. */
export function valueHtml({ value, role, side }: { value: string; role: string; side: string }): Markup {
  return html`<b class="${role}" data-of="${side}">${value}</b>`;
}
