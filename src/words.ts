/** Most examples a message gives. */
const MOST = 5;
/** Most characters of the reasons in a message, so that all of it stays under 600. */
const LONGEST = 480;
/** Most characters of a value in a message. */
export const VALUE = 120;

/** `12,093`: digits grouped by commas, whatever the machine's locale. */
export function grouped(count: number): string {
  const [whole = '', fraction] = String(count).split('.');
  const digits = whole.replace(/\d(?=(?:\d{3})+$)/g, '$&,');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}

/** `entries` of `entry`, `addresses` of `address`: the regular plural of English. */
function plural(one: string): string {
  if (/[^aeiou]y$/.test(one)) return `${one.slice(0, -1)}ies`;
  return `${one}${/(?:s|x|ch|sh)$/.test(one) ? 'es' : 's'}`;
}

/** `1 line`, `12,093 lines`. */
export function counted(count: number, one: string, many = plural(one)): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `a, b and c`; nothing for an empty list. */
export function inWords(words: readonly string[], last: 'and' | 'or' = 'and'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

/** Of many the first few and how many there are besides as the last: `a`, `b`, `c`, `d`, `e`, `7 more`. */
export function examples<Word>(words: readonly Word[]): (Word | string)[] {
  return words.length <= MOST ? [...words] : [...words.slice(0, MOST), `${words.length - MOST} more`];
}

/** As {@link inWords}, of {@link examples}: `a, b, c, d, e and 7 more`. */
export function examplesInWords(words: readonly string[]): string {
  return inWords(examples<string>(words));
}

/** A text that may be of any length, cut where it is longer than so many characters. */
export function shortened(text: string, most = LONGEST): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** `one reason; another`, of many the first few and how many there are besides: `one reason; another; 7 more`. */
export function reasonsInWords(reasons: readonly string[]): string {
  let text = reasons[0] ?? '';
  let told = 1;
  for (; told < Math.min(reasons.length, MOST); told++) {
    const longer = `${text}; ${reasons[told]}`;
    if (longer.length > LONGEST) break;
    text = longer;
  }
  return reasons.length > told ? `${text}; ${reasons.length - told} more` : text;
}
