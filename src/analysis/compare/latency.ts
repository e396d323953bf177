/**
 * Latency classes. The limits follow TCP: an unanswered SYN is sent again after 1 s, then 3, 7, 15, 31 and 63 s after
 * the first (RFC 6298). So a request without loss stays well below 0.5 s, one lost SYN makes it 1 s and more, two make
 * it 3 s; past that, a probe's own timeout ends the wait.
 */
const CLASSES: readonly { below: number; name: string }[] = [
  { below: 0.01, name: 'under 10 ms' },
  { below: 0.5, name: '10 ms to 0.5 s' },
  { below: 2.5, name: '0.5 to 2.5 s' },
  { below: 10, name: '2.5 to 10 s' },
  { below: 45, name: '10 to 45 s' },
  { below: Number.POSITIVE_INFINITY, name: 'over 45 s' },
];

/** The class of a duration in seconds. */
export function latencyClass(seconds: number): string {
  return CLASSES.find(({ below }) => seconds < below)?.name ?? '';
}

/** Seconds as people say them: `0.0003`, `0.05`, `1.1`, `6.0`. */
export function inSeconds(seconds: number): string {
  const fixed = seconds < 0.095 ? seconds.toFixed(seconds < 0.0095 ? 3 : 2) : seconds.toFixed(1);
  return Number(fixed) > 0 ? fixed : firstDigit(seconds);
}

/** curl prints microseconds. */
const MAX_DECIMALS = 6;

/** A small number with its first digit that is not 0, as `0.0003`. */
function firstDigit(seconds: number): string {
  for (let decimals = 1; decimals < MAX_DECIMALS; decimals++) {
    const fixed = seconds.toFixed(decimals);
    if (Number(fixed) > 0) return fixed;
  }
  return seconds.toFixed(MAX_DECIMALS);
}
