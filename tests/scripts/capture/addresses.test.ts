import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findAddresses, identityOf, isPublicAddress } from '../../../scripts/capture/addresses.ts';
import { formatAddress } from '../../../src/formats/address.ts';

test('public addresses are those outside the special-purpose registries', () => {
  for (const address of ['8.8.8.8', '34.72.78.182', '172.32.0.1', '100.128.0.1', '2600::1', '223.255.255.255']) {
    expect(isPublicAddress(address), address).toBe(true);
  }
  for (const address of [
    '10.1.2.3',
    '172.31.255.255',
    '100.64.0.1',
    '127.0.0.1',
    '224.0.0.1',
    '::1',
    'fd00::1',
    '300.1.1.1',
    '1.2.3',
  ]) {
    expect(isPublicAddress(address), address).toBe(false);
  }
});

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
const ipv4 = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
const ipv6 = fc
  .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
  .map(([first = 0, ...rest]) => [0x2000 | (first & 0x1fff), ...rest]);

/** What stands before and behind the address, and how its bytes are written. */
type Writing = readonly [before: string, write: (parts: number[]) => string, behind: string];

const number = (bytes: number[]) => bytes.reduce((sum, byte) => sum * 256 + byte, 0);
const swapped = (bytes: number[]) =>
  bytes
    .toReversed()
    .map((byte) => hex(byte, 2))
    .join('')
    .toUpperCase();
const halves = ([a = 0, b = 0, c = 0, d = 0]: number[]) =>
  `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;

const WRITINGS: Record<string, Writing> = {
  dotted: ['to ', (bytes) => bytes.join('.'), ':80'],
  'for a regular expression': ["'", (bytes) => bytes.join('\\.'), "'"],
  'for a URL': ['q=', (bytes) => bytes.join('%2E'), '&'],
  'hexadecimal bytes': [' ', (bytes) => bytes.map((byte) => `0x${hex(byte, 2)}`).join('.'), ' '],
  octal: [' ', (bytes) => bytes.map((byte) => `0${byte.toString(8)}`).join('.'), ' '],
  dashed: ['ip-', (bytes) => bytes.join('-'), '.ec2.internal'],
  reversed: ['', (bytes) => bytes.toReversed().join('.'), '.in-addr.arpa'],
  'reversed, Google': ['', (bytes) => bytes.toReversed().join('.'), '.bc.googleusercontent.com'],
  'of the kernel': ['0: ', swapped, ':0050 '],
  'of a route': ['eth0\t', swapped, '\t0003\t'],
  'of tc': ['match ', (bytes) => bytes.map((byte) => hex(byte, 2)).join(''), '/ffffffff at 16'],
  'decimal in a URL': ['http://', (bytes) => String(number(bytes)), '/'],
  'hexadecimal in a URL': ['http://', (bytes) => `0x${hex(number(bytes), 8)}`, ':80/'],
  'hexadecimal after a key': ['daddr=', (bytes) => `0x${hex(number(bytes), 8)}`, ' '],
  mapped: ['[', (bytes) => `::ffff:${bytes.join('.')}`, ']:80'],
  'mapped, hexadecimal': [' ', (bytes) => `::ffff:${halves(bytes)}`, ' '],
  'mapped, of the kernel': ['0: ', (bytes) => `0000000000000000FFFF0000${swapped(bytes)}`, ':0050 '],
  NAT64: [' ', (bytes) => `64:ff9b::${halves(bytes)}`, '/128'],
};

const groups = (parts: number[]) => parts.map((part) => part.toString(16));
/** The first longest run of zeros as `::` (RFC 5952). */
const short = (parts: number[]) => new URL(`http://[${groups(parts).join(':')}]`).hostname.slice(1, -1);
const full = (parts: number[]) => parts.map((part) => hex(part, 4)).join('');

const WRITINGS6: Record<string, Writing> = {
  short: ['inet6 ', short, '/64'],
  long: ['[', (parts) => parts.map((part) => hex(part, 4)).join(':'), ']:80'],
  'with a port behind': [' ', (parts) => groups(parts).join(':'), ':443 '],
  capitals: [' ', (parts) => groups(parts).join(':').toUpperCase(), ' '],
  'for a URL': ['h=', (parts) => groups(parts).join('%3A'), '&'],
  dashed: [' ', (parts) => groups(parts).join('-'), '.ns.pod.cluster.local'],
  reversed: ['', (parts) => [...full(parts)].reverse().join('.'), '.ip6.arpa'],
  'of the kernel': [
    '0: ',
    (parts) =>
      full(parts)
        .replace(/(..)(..)(..)(..)/g, '$4$3$2$1')
        .toUpperCase(),
    ':0050 ',
  ],
  'of if_inet6': ['', full, ' 02 40 00 80 eth0'],
};

test.each(Object.entries(WRITINGS))('an IPv4 address is read back: %s', (_, [before, write, behind]) => {
  fc.assert(
    fc.property(ipv4, (bytes) => {
      // Below 2^24 the notations of one number have fewer digits, and nothing there is public.
      fc.pre((bytes[0] ?? 0) > 0);
      const text = write(bytes);
      const [found, ...more] = findAddresses(`${before}${text}${behind}`);
      expect(more).toEqual([]);
      expect(found && { ...found, address: formatAddress(found.address) }).toEqual({
        start: before.length,
        end: before.length + text.length,
        address: bytes.join('.'),
      });
    }),
  );
});

test.each(Object.entries(WRITINGS6))('an IPv6 address is read back: %s', (_, [before, write, behind]) => {
  fc.assert(
    fc.property(ipv6, (parts) => {
      const text = write(parts);
      const [found, ...more] = findAddresses(`${before}${text}${behind}`);
      expect(more).toEqual([]);
      expect(found && { ...found, address: formatAddress(found.address) }).toEqual({
        start: before.length,
        end: before.length + text.length,
        address: groups(parts).join(':'),
      });
    }),
  );
});

test('every notation of an address has one identity', () => {
  expect(
    new Set(
      ['8.8.8.8', '::ffff:8.8.8.8', '::ffff:808:808', '64:ff9b::808:808', '0:0:0:0:0:ffff:808:808'].map(identityOf),
    ),
  ).toEqual(new Set(['8.8.8.8']));
  expect(identityOf('2600::1')).toBe(identityOf('2600:0:0:0:0:0:0:1'));
  expect(identityOf('nothing')).toBeUndefined();
});

test('places never overlap, and are those of the text', () => {
  const piece = fc.constantFrom(
    '8.8.8.8',
    '-',
    ':',
    '.',
    '::',
    '0A0B0C0D',
    ':0050',
    '2600::1',
    '.in-addr.arpa',
    ' ',
    '\t',
    'http://',
    '0x',
    '7',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      let last = 0;
      for (const { start, end } of findAddresses(text)) {
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        last = end;
      }
      expect(last).toBeLessThanOrEqual(text.length);
    }),
  );
});
