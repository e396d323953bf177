/** Most examples a message gives. */
const MOST = 5;
/** Most characters of the reasons in a message, so that all of it stays under 600. */
const LONGEST = 480;

/** `a, b and c`; nothing for an empty list. */
export function inWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** As {@link inWords}, of many the first few and how many there are besides: `a, b, c, d, e and 7 more`. */
export function examplesInWords(words: readonly string[]): string {
  return inWords(words.length <= MOST ? words : [...words.slice(0, MOST), `${words.length - MOST} more`]);
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
