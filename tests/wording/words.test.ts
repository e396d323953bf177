import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roles } from '../../src/analysis/types.ts';
import { proseParts } from '../../src/recipe/prose-parts.ts';
import { verdicts } from '../../src/recipe/schema.ts';
import { buildReport, type ReportCapture } from '../../src/report/report.ts';
import { formatWhen, proseHtml, provenance, roleLabel, verdictLabel } from '../../src/wording/words.ts';
import { resolved, tagsOf } from '../figures/wellformed.ts';

const { captures } = buildReport('.');
const drawn = (prose: string) => proseHtml(proseParts(prose));
const capture = captures[0] as ReportCapture;
const stored = capture.stored as NonNullable<ReportCapture['stored']>;

test('every verdict and every role has words of its own', () => {
  expect(verdicts.map(verdictLabel)).toEqual(['identical', 'differs', 'only on V1', 'only on V2']);
  const labels = roles.map(roleLabel);
  expect(new Set(labels).size).toBe(roles.length);
  expect(labels.join(', ')).toMatchInlineSnapshot(
    `"VIP, ClusterIP, NodePort, pod IP, pod, node, netfilter chain, identity, forwarding rule, client address, node address"`,
  );
});

test('dates and times are in UTC, whatever the time zone', () => {
  const zone = process.env.TZ;
  try {
    for (const TZ of ['UTC', 'Pacific/Auckland', 'America/Los_Angeles']) {
      process.env.TZ = TZ;
      expect(formatWhen('2026-07-01')).toBe('1 Jul 2026');
      expect(formatWhen('2026-07-01T23:12:03.120Z')).toBe('1 Jul 2026, 23:12:03 UTC');
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

describe('provenance', () => {
  const header = stored.header as NonNullable<typeof stored.header>;
  test('what is known, and what is not', () => {
    expect(provenance(capture)).toMatchInlineSnapshot(`
      [
        "published",
        "1 Jul 2026",
        "exit code not recorded",
        "2 lines · 214 B",
      ]
    `);
    expect(provenance({ ...capture, stored: undefined })).toEqual(['not recorded yet']);
    expect(provenance({ ...capture, stored: { ...stored, header: undefined } })).toMatchInlineSnapshot(`
      [
        "origin not recorded",
        "time not recorded",
        "exit code not recorded",
        "2 lines · 214 B",
      ]
    `);
  });
  test('an exit code of 0 is known; one line is one line', () => {
    const recorded = { ...header, origin: 'recorded' as const, when: '2026-07-02T08:00:00Z', exitCode: 0 };
    const body = new Uint8Array(1234);
    expect(provenance({ ...capture, lines: 1, stored: { ...stored, header: recorded, body } })).toEqual([
      'recorded',
      '2 Jul 2026, 08:00:00 UTC',
      'exit code 0',
      '1 line · 1,234 B',
    ]);
  });
});

describe('prose', () => {
  test('code, computed numbers and named sources', () => {
    expect(drawn('Say `a <b>` & "c".')).toBe('Say <code>a &lt;b&gt;</code> &amp; &quot;c&quot;.');
    expect(drawn('after [[8 s|GCE "default" <b>]]')).toMatchInlineSnapshot(
      `"after <data value="8 s" title="source: GCE &quot;default&quot; &lt;b&gt;">8 s</data>"`,
    );
  });
  test('hostile prose is well-formed HTML that says the same', () => {
    const piece = fc.constantFrom('<b onclick="x">', '&lt;', '"', '`', '</p>', ' a ', '[[1 <|"o>]]', '{{', '<!--');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const html = drawn(pieces.join(''));
        const tags = tagsOf(`<p>${html}</p>`).slice(1);
        expect(tags.every(({ name }) => name === 'code' || name === 'data')).toBe(true);
        const words = (text: string) => text.replaceAll('`', '').replaceAll(/\[\[(.*?)\|.*?\]\]/g, '$1');
        const plain = resolved(html.replaceAll(/<\/?(?:code|data)(?: [a-z]+="[^"]*")*>/g, ''));
        expect(words(plain)).toBe(words(pieces.join('')));
      }),
    );
  });
});
