/*
 * The times of `hubble observe` in the formats of its --time-format (Go's layouts):
 * StampMilli `Jul  2 15:03:39.769` (the default, without year and zone), RFC 3339 with up to nanoseconds, RFC 1123 with
 * a numeric zone `Thu, 02 Jul 2026 15:03:39 +0000`, and without a time `N/A`.
 */

const STAMP = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(\.\d+)?$/;
const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const RFC1123 = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Stands in for the year that StampMilli lacks: a leap year, so that 29 February exists. */
const YEAR = 2000;

/**
 * A time of Hubble in milliseconds since 1970, fractions kept. Of a time without a year and a zone only differences
 * within the same year mean something.
 * @returns undefined where there is no time, or none of a known format
 */
export function flowTime(printed: string | undefined): number | undefined {
  if (printed === undefined) return undefined;
  const stamp = STAMP.exec(printed);
  const month = MONTHS.indexOf(stamp?.[1] ?? '');
  if (stamp && month >= 0) {
    const [day, hour, minute, second] = stamp.slice(2, 6).map(Number);
    return Date.UTC(YEAR, month, day, hour, minute, second) + fraction(stamp[6]);
  }
  const internet = RFC3339.exec(printed);
  const base = internet ? `${internet[1]}${internet[3]}` : RFC1123.test(printed) ? printed : 'none';
  const time = Date.parse(base);
  return Number.isNaN(time) ? undefined : time + fraction(internet?.[2]);
}

function fraction(digits: string | undefined): number {
  // Rounded to the nanosecond, the finest that is printed: 0.769 s are 769 ms, not 769.0000000000001.
  return digits === undefined ? 0 : Math.round(Number(`0${digits}`) * 1e9) / 1e6;
}
