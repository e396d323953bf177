import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { figuresIn } from '../../src/figures/index.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { type ReportJson, reportJsonSchema, reportSchema } from '../../src/report/schema.ts';
import { resolved, tagsOf } from '../figures/wellformed.ts';
import { recordedProject } from '../support/recorded.ts';
import { jsonOf } from './json-of.ts';
import { matrix, timeline } from './redraw.ts';

const published = readFileSync('public/report.schema.json', 'utf8');
const fits = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(JSON.parse(published));

test('public/report.schema.json is the schema; `npm run schema` writes it', () => {
  expect(published).toBe(reportJsonSchema());
});

/** V1 as recorded on the test cluster, V2 as published. */
let recorded: string;
beforeAll(() => {
  recorded = recordedProject().root;
});
afterAll(() => rmSync(recorded, { recursive: true, force: true }));

const reports: Record<string, () => Report> = {
  'the committed captures': () => buildReport('.'),
  'a recording': () => buildReport(recorded),
  'nothing recorded yet': () => {
    rmSync(join(recorded, 'captures'), { recursive: true });
    return buildReport(recorded, { draft: true });
  },
};

describe.each(Object.entries(reports))('report.json of %s', (_name, build) => {
  let json: ReportJson;
  beforeAll(() => {
    json = jsonOf(build());
  });
  test('fits the schema, read by zod and by a validator of JSON Schema', () => {
    expect(reportSchema.parse(json)).toEqual(json);
    expect(fits(json), JSON.stringify(fits.errors)).toBe(true);
  });
  test('does not fit with a key more, a key less, or another version', () => {
    const { title, ...less } = json;
    for (const other of [{ ...json, more: 1 }, less, { ...json, title, version: 3 }]) {
      expect(reportSchema.safeParse(other).success).toBe(false);
      expect(fits(other)).toBe(false);
    }
  });
});

describe('from report.json alone', () => {
  const report = buildReport('.');
  const json: ReportJson = jsonOf(report);
  const page = report.layers.flatMap(({ id }) => figuresIn(id, report.figures)).join('\n');

  test('the timeline is drawn with the marks of the page', () => {
    const drawn = timeline(json);
    expect(drawn).toMatchInlineSnapshot(`
      [
        "V1 Cluster mode: ··········",
        "V2 Cluster mode: !!!·······",
        "V1 Local mode, symmetric: ··········",
        "V2 Local mode, symmetric: ··········",
        "V1 Local mode, failover window: ✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗",
        "V2 Local mode, failover window: ✗✗✗·✗✗·✗✗✗··✗✗·✗····",
        "V1 Local mode, later probe: ✗✗·✗······",
        "V2 Local mode, later probe: not captured",
      ]
    `);
    const lanes = [...page.matchAll(/<svg class="lane[^>]*aria-label="(v[12])\/l6-([^:]+):[^>]*>(.*?)<\/svg>/gs)];
    expect(lanes).toHaveLength(drawn.filter((line) => !line.endsWith('not captured')).length);
    for (const [, side = '', row = '', marks = ''] of lanes) {
      const name = json.figures.timeline?.data.rows.find((one) => one.row === row)?.name;
      const line = drawn.find((one) => one.startsWith(`${side.toUpperCase()} ${name}: `)) ?? '';
      const bars = [...marks.matchAll(/<rect class="(answered|failed)"/g)].map(([, outcome]) => outcome);
      const own = [...line.slice(line.indexOf(': ') + 2)];
      expect(own.map((mark) => (mark === '✗' ? 'failed' : 'answered'))).toEqual(bars);
      expect(own.filter((mark) => mark === '!')).toHaveLength(marks.match(/class="value"/g)?.length ?? 0);
    }
    for (const [, name] of page.matchAll(/<p class="absent">([^<]*): not captured/g))
      expect(drawn).toContain(`${resolved(name ?? '')}: not captured`);
  });

  test('the matrix is drawn with the verdicts of the page', () => {
    const [, ...rows] = matrix(json);
    expect(rows).toMatchInlineSnapshot(`
      [
        "pod/client-allowed: + | + | [+]",
        "pod/client-blocked: - | - | [-]",
        "reserved/host: + | + |  ",
        "reserved/remote-node: - | - |  ",
        "reserved/world: - | - |  ",
        "other/same-namespace: - | - |  ",
        "other/other-namespaces: - | - |  ",
      ]
    `);
    const cells = tagsOf(figuresIn('l8', report.figures).join('')).filter(({ name }) => name === 'td');
    const signs: Record<string, string> = { allowed: '+', denied: '-', unknown: '?', none: ' ' };
    const drawn = cells.map(({ attributes }) => {
      const sign = signs[attributes['data-cell'] ?? ''] ?? '';
      return attributes['data-basis'] === 'observed' ? `[${sign}]` : sign;
    });
    expect(rows.flatMap((row) => row.slice(row.indexOf(': ') + 2).split(' | '))).toEqual(drawn);
    expect(drawn.length).toBeGreaterThan(15);
  });
});
