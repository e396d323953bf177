/** `a, b and c`; nothing for an empty list. */
export function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Most examples a message gives; with more it becomes too long to be read. */
const MOST = 5;

/** The first few of many words, and how many more there are as the last: `a`, `b`, `c`, `d`, `e`, `7 more`. */
export function examples(words: readonly string[]): string[] {
  return words.length <= MOST + 1 ? [...words] : [...words.slice(0, MOST), `${words.length - MOST} more`];
}
