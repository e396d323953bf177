/*
 * How the tools lay out tables and times. Go's text/tabwriter (kubectl, cilium-dbg) and gcloud pad each column to its
 * widest cell; kubectl rounds ages (k8s.io/apimachinery, pkg/util/duration).
 */

interface Layout {
  /** Least width of a column, padding included. */
  least: number;
  padding: number;
  /** Whether the last column is padded too. */
  ragged: boolean;
}

/** `kubectl get` (k8s.io/cli-runtime, printers.GetNewTabWriter). */
export const KUBECTL: Layout = { least: 6, padding: 3, ragged: true };
/** `kubectl describe`, and gcloud's tables. */
export const NARROW: Layout = { least: 0, padding: 2, ragged: true };
/** `cilium-dbg`: every cell is closed by a tab. */
export const CILIUM: Layout = { least: 5, padding: 3, ragged: false };

const width = (cell: string) => [...cell].length;

/** Lines of a table; every row has as many cells as the first. */
export function table({ least, padding, ragged }: Layout, rows: readonly (readonly string[])[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(least, ...rows.map((row) => width(row[column] ?? '') + padding)),
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        ragged && column === columns - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
      );
      return `${cells.join('')}\n`;
    })
    .join('');
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** An age in seconds as kubectl prints it (HumanDuration). */
export function age(seconds: number): string {
  const pair = (unit: number, name: string, smaller: number, rest: string) => {
    const [whole, left] = [Math.floor(seconds / unit), Math.floor((seconds % unit) / smaller)];
    return left === 0 ? `${whole}${name}` : `${whole}${name}${left}${rest}`;
  };
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (seconds < 10 * MINUTE) return pair(MINUTE, 'm', 1, 's');
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 8 * HOUR) return pair(HOUR, 'h', MINUTE, 'm');
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  if (seconds < 8 * DAY) return pair(DAY, 'd', HOUR, 'h');
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`;
  if (seconds < 8 * YEAR) return pair(YEAR, 'y', DAY, 'd');
  return `${Math.floor(seconds / YEAR)}y`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (number: number) => String(number).padStart(2, '0');

/** `Jul  2 15:03:39` of a UTC time. */
function stamp(date: Date): string {
  const day = String(date.getUTCDate()).padStart(2);
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${MONTHS[date.getUTCMonth()]} ${day} ${clock}`;
}

/** Go's StampMilli, as Hubble prints times: `Jul  2 15:03:39.769`. */
export function stampMilli(at: number): string {
  const date = new Date(at);
  return `${stamp(date)}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`;
}

/** C's asctime, as iptables-save prints times: `Wed Jul  1 17:12:03 2026`. */
export function asctime(at: number): string {
  const date = new Date(at);
  return `${DAYS[date.getUTCDay()]} ${stamp(date)} ${date.getUTCFullYear()}`;
}

/** Microseconds as curl prints `time_total`: `0.104455`. */
export function curlSeconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6);
}

/** `12,285`: numbers as Hubble prints them. */
export function withCommas(number: number): string {
  return number.toLocaleString('en-US');
}

/** Order of addresses by their numbers: `10.20.1.9` before `10.20.1.10`. */
export function byAddress(one: string, other: string): number {
  return numbers(one) - numbers(other);
}

function numbers(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Order of addresses as text, which the API server and kube-proxy use: `10.20.1.10` before `10.20.1.9`. */
export function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
