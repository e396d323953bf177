import { describe, expect, test } from 'vitest';
import { figuresIn } from '../../src/figures/index.ts';
import { walkGrowth } from '../../src/netfilter/growth.ts';
import { loadRecipe } from '../../src/recipe/load.ts';
import { type FigureId, figureSchemas } from '../../src/report/figure-data.ts';
import growth from '../../src/report/growth.json' with { type: 'json' };
import { buildReport } from '../../src/report/report.ts';
import { edited, published, withOthers } from '../analysis/subjects.ts';
import { figureData } from '../figures/data.ts';

const ids = Object.keys(figureSchemas) as FigureId[];
const report = buildReport('.');

test('every figure stands in the layer of its outputs, and only there', () => {
  expect(ids.map((id) => `${id} ${report.figures[id]?.layer}`)).toEqual([
    'walk l4',
    'timeline l6',
    'flows l7',
    'policy l8',
  ]);
  expect(report.layers.map(({ id }) => `${id} ${figuresIn(id, report.figures).length}`)).toEqual([
    'l1 0',
    'l2 0',
    'l3 0',
    'l4 1',
    'l5 0',
    'l6 1',
    'l7 1',
    'l8 1',
  ]);
});

test('its layer comes with its outputs, whatever the layer is called', () => {
  const moved = published.map((subject) => ({ ...subject, layer: `${subject.layer}0` }));
  const figures = figureData(moved);
  expect(ids.map((id) => figures[id]?.layer)).toEqual(['l40', 'l60', 'l70', 'l80']);
});

test('data is plain and fits its schema; what reads it back from JSON has the same', () => {
  for (const id of ids) {
    const data = report.figures[id]?.data;
    expect(figureSchemas[id].parse(data)).toEqual(data);
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  }
});

test('without its outputs a figure is not there', () => {
  expect(figureData([])).toEqual({});
  const without = (format: string) => figureData(published.filter(({ parsed }) => parsed.format !== format));
  expect(without('iptables-save').walk).toBeUndefined();
  expect(without('http-probe').timeline).toBeUndefined();
  expect(without('hubble-flows').flows).toBeUndefined();
  // A policy without its map still says who is meant to be let in, and what was seen.
  expect(without('cilium-policy-map').policy?.layer).toBe('l8');
});

describe('the names of the rows', () => {
  test('are the short titles of the recipe, else its titles', () => {
    const captures = loadRecipe('.').layers.flatMap((layer) => layer.captures);
    const rows = report.figures.timeline?.data.rows ?? [];
    expect(rows.map(({ name }) => name)).toMatchInlineSnapshot(`
      [
        "Cluster mode",
        "Local mode, symmetric",
        "Local mode, failover window",
        "Local mode, later probe",
      ]
    `);
    for (const { row, name } of rows) {
      const recipe = captures.find(({ id }) => id === row);
      expect(name).toBe(recipe?.short ?? recipe?.title);
    }
  });
  test('are their ids where the recipe does not know them', () => {
    const renamed = published.map((subject) => ({ ...subject, row: `other-${subject.row}` }));
    expect(figureData(renamed).timeline?.data.rows[0]?.name).toBe('other-cluster-mode');
  });
});

test('the slow requests and the answers at the end are those of the probe', () => {
  const rows = report.figures.timeline?.data.rows ?? [];
  const slow = rows.flatMap(({ row, sides }) =>
    Object.values(sides).flatMap(({ side, requests }) =>
      requests.filter((request) => request.slow).map(({ number }) => `${side} ${row} ${number}`),
    ),
  );
  expect(slow).toEqual(['v2 cluster-mode 1', 'v2 cluster-mode 2', 'v2 cluster-mode 3']);
  expect(rows.find(({ row }) => row === 'local-failover')?.sides.v2?.trailing).toBe(4);
});

test('an address of IPv6 stands in brackets', () => {
  const key = 'v2/l4-ebpf-service-map';
  const six = edited(key, 'cilium-service-list', /10\.20\.0\.15:80\/TCP/g, '[fd00::1]:80/TCP');
  const [first] = figureData(withOthers([six])).walk?.data.packets ?? [];
  expect(first?.service?.row?.backends.map(({ address }) => address)).toContain('[fd00::1]:80/TCP');
});

test('src/report/growth.json is what the walk gives; `npm run growth` writes it', () => {
  expect(walkGrowth(growth.map(({ services }) => services))).toEqual(growth);
  expect(growth.map(({ services }) => services)).toEqual([1, 10, 100, 1000, 5000]);
  expect(report.figures.walk?.data.growth).toEqual(growth);
});
