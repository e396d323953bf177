import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeCapture, encodeCapture, sha256 } from '../../src/captures/file.ts';
import { keysOnDisk } from '../../src/captures/store.ts';
import { formatProblem, ProblemsError } from '../../src/problem.ts';
import { buildReport } from '../../src/report/report.ts';
import { jsonOf } from './json-of.ts';

let root: string;
const path = (name: string) => join(root, name);
const replaced = (text: string, from: string | RegExp, to: string, name: string) => {
  const after = text.replace(from, to);
  if (after === text) throw new Error(`${name} has no ${from}`);
  return after;
};
const editRecipe = (from: string | RegExp, to: string) => {
  const file = path('layers.yaml');
  writeFileSync(file, replaced(readFileSync(file, 'utf8'), from, to, 'layers.yaml'));
};
/** Replaces in an output and lets its header fit again. */
const editOutput = (key: string, from: string | RegExp, to: string) => {
  const file = path(`captures/${key}.txt`);
  const { header, body } = decodeCapture(readFileSync(file), key);
  const after = Buffer.from(replaced(Buffer.from(body).toString('utf8'), from, to, key));
  const fitting = header && { ...header, bytes: after.length, sha256: sha256(after) };
  writeFileSync(file, encodeCapture({ header: fitting, body: after }));
};

/** What the report refuses, one line a problem. */
function refusals(): string {
  try {
    buildReport(root);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return error.problems.map(formatProblem).join('\n');
  }
  throw new Error('nothing was refused');
}

/** The line of a file that a problem names. */
function lineOf(place: string): string {
  const [, file = '', line = ''] = /^(.+):(\d+)$/.exec(place) ?? [];
  return readFileSync(path(file), 'utf8').split('\n')[Number(line) - 1] ?? '';
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'report-'));
  cpSync('layers.yaml', path('layers.yaml'));
  cpSync('captures', path('captures'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

describe('what the captures do not support is refused', () => {
  test('a cross-check that is broken, at the line of its file', () => {
    editOutput('v2/l7-hubble-status', '126/126', '127/126');
    const text = refusals();
    expect(text).toMatchInlineSnapshot(
      `"captures/v2/l7-hubble-status.txt:9: check v2/hubble-buffer: expected the flows Hubble holds fit into its ring buffers; found 127 of 126 flows in v2/l7-hubble-status: more than there is room for. Record this side again in one run; if it stays, the cluster itself disagrees with itself."`,
    );
    expect(lineOf('captures/v2/l7-hubble-status.txt:9')).toContain('127/126');
  });

  test('an `expect` that disagrees, with the lines of the captures that disagree', () => {
    editOutput('v2/l1-service-detail', 'External Traffic Policy:  Cluster', 'External Traffic Policy:  Local');
    const text = refusals();
    expect(text).toMatchInlineSnapshot(`
      "layers.yaml: layer l1, expect: expected the verdict identical, as \`expect\` in layers.yaml says; found diverges: 1 of 3 pairs differs. Service detail: External Traffic Policy: “Cluster” on V1, “Local” on V2. Find out why; \`npm run check -- --accept\` writes what the captures show as what is expected.
      captures/v2/l1-service-detail.txt:25: layer l1, row service-detail, External Traffic Policy: expected what captures/v1/l1-service-detail.txt:25 says, "Cluster"; found "Local" (“Cluster” on V1, “Local” on V2). Look at both lines: this is one of the reasons for the verdict."
    `);
    const [there, here] = [...text.matchAll(/captures\/v[12]\/\S+:\d+/g)].map(([place]) => lineOf(place)).sort();
    expect([there, here]).toEqual(['External Traffic Policy:  Cluster', 'External Traffic Policy:  Local']);
  });

  test('an `expect` that was never true', () => {
    editRecipe('expect: diverges', 'expect: identical');
    expect(refusals().split('\n')[0]).toMatchInlineSnapshot(
      `"layers.yaml: layer l4, expect: expected the verdict identical, as \`expect\` in layers.yaml says; found diverges: Same mapping, different mechanism: 3 frontends → the same number of backends (3) on each side; 16 rules against 3 frontends with 3 backends each. Find out why; \`npm run check -- --accept\` writes what the captures show as what is expected."`,
    );
  });

  test('a number, an outcome or an expression in the recipe, at its line', () => {
    editRecipe('Neither knows which', 'All 3 know {{ which() }}');
    const sentence = refusals().split('\n');
    expect(sentence.join('\n').replace(/:\d+:/g, ':<line>:')).toMatchInlineSnapshot(`
      "layers.yaml:<line>: layer l1, key summary: expected words that hold for every recording; found "{{ which() }}". Leave it to a finding, which counts it; or write a remark on this recording into captures/observations.yaml; a number with a source of its own is marked [[8 s|its source]].
      layers.yaml:<line>: layer l1, key summary: expected words that hold for every recording; found "3". Leave it to a finding, which counts it; or write a remark on this recording into captures/observations.yaml; a number with a source of its own is marked [[8 s|its source]].
      layers.yaml:<line>: layer l1, key summary: expected words that hold for every recording; found "All". Leave it to a finding, which counts it; or write a remark on this recording into captures/observations.yaml; a number with a source of its own is marked [[8 s|its source]]."
    `);
    for (const problem of sentence) expect(lineOf(problem.split(': ')[0] ?? '')).toContain('All 3 know');
  });

  test('everything at once', () => {
    editOutput('v2/l7-hubble-status', '126/126', '127/126');
    editOutput('v2/l1-service-detail', 'Internal Traffic Policy:  Cluster', 'Internal Traffic Policy:  Local');
    editRecipe('Neither knows which', 'None knows which');
    expect(refusals().split('\n')).toEqual([
      expect.stringMatching(/^layers\.yaml: layer l1, expect:/),
      expect.stringMatching(/^captures\/v2\/l1-service-detail\.txt:\d+: layer l1, row service-detail/),
      expect.stringMatching(/^captures\/v2\/l7-hubble-status\.txt:\d+: check v2\/hubble-buffer:/),
      expect.stringMatching(/^layers\.yaml:\d+: layer l1, key summary: .*None/),
    ]);
  });

  test('a draft shows it instead', () => {
    editOutput('v2/l7-hubble-status', '126/126', '127/126');
    editOutput('v2/l1-service-detail', 'External Traffic Policy:  Cluster', 'External Traffic Policy:  Local');
    editRecipe('Neither knows which', 'None knows {{ which() }}');
    rmSync(path('captures/v1/l3-nodeport.txt'));
    const { layers, checks, captures } = buildReport(root, { draft: true });
    expect(layers.find(({ id }) => id === 'l1')).toMatchObject({ verdict: 'diverges' });
    expect(checks.filter(({ status }) => status === 'broken').map(({ id }) => id)).toEqual(['v2/hubble-buffer']);
    expect(captures.find(({ key }) => key === 'v1/l3-nodeport')).toMatchObject({ stored: undefined, lines: 0 });
  });

  test('a draft without any output has the verdicts that are expected', () => {
    rmSync(path('captures'), { recursive: true });
    const { layers, checks, values } = buildReport(root, { draft: true });
    expect(layers.map(({ verdict, expect }) => verdict === expect)).not.toContain(false);
    expect(layers[0]?.why).toBe('Nothing of this layer is recorded yet.');
    expect({ checks, values }).toEqual({ checks: [], values: [] });
  });

  test('a draft refuses outputs that cannot be read all the same', () => {
    editOutput('v1/l3-nodeport', 'NodePort: 31057', 'no port');
    expect(() => buildReport(root, { draft: true })).toThrow(
      /captures\/v1\/l3-nodeport\.txt:8: capture v1\/l3-nodeport/,
    );
  });
});

describe('what the page is called', () => {
  const build = () => buildReport(root, { draft: true });
  test('is the headline of the recipe with the short names of the sides', () => {
    expect(build().headline).toEqual([
      [{ text: 'The same Service,' }],
      [{ text: 'on ' }, { text: 'iptables', side: 'v1' }, { text: ' and on ' }, { text: 'eBPF', side: 'v2' }],
    ]);
    editRecipe('short: iptables', 'short: nftables');
    expect(build().headline[1]?.[1]).toEqual({ text: 'nftables', side: 'v1' });
  });
  test('is its title where it has none', () => {
    editRecipe(/^headline: .*\n(?: {2}.*\n)+intro: .*\n(?: {2}.*\n)+/m, '');
    const { headline, intro } = build();
    expect({ headline, intro }).toEqual({
      headline: [[{ text: 'One LoadBalancer Service, two dataplanes' }]],
      intro: undefined,
    });
  });
});

describe('report.json', () => {
  interface Place {
    capture: string;
    line: number;
    column: number;
    length: number;
  }
  interface Json {
    layers: {
      id: string;
      verdict: string;
      rows: {
        id: string;
        verdict: string;
        matched: { path: string; v1: string; v2: string; by: string }[];
        differences: {
          path: string;
          what: string;
          v1?: { text: string; at: Place };
          v2?: { text: string; at: Place };
        }[];
      }[];
    }[];
    captures: { key: string; bytes: number; sha256: string }[];
    checks: { id: string; status: string; why: string; evidence: Place[] }[];
    findings: { kind: string; about: object; text: string; values: object; places: object[] }[];
    values: { role: string; side: string; value: string; counterpart: string[]; occurrences: Place[] }[];
  }
  const json = (): Json => jsonOf(buildReport(root));
  /** The text at a place of an output; columns and lengths count UTF-16 code units. */
  const textAt = ({ capture, line, column, length }: Place): string => {
    const { body } = decodeCapture(readFileSync(path(`captures/${capture}.txt`)), capture);
    const text = Buffer.from(body).toString('utf8');
    const start = text.split('\n', line - 1).join('\n').length + (line > 1 ? 1 : 0);
    return text.slice(start + column - 1, start + column - 1 + length);
  };

  test('has the shape that is documented, and no more', () => {
    const { layers, checks, values, captures, findings, ...rest } = json();
    expect(Object.keys(rest)).toEqual([
      'version',
      'title',
      'sides',
      'summary',
      'differences',
      'figures',
      'answers',
      'audit',
      'observations',
    ]);
    const row = layers[0]?.rows[0];
    expect({
      layer: Object.keys(layers[0] ?? {}),
      row: Object.keys(row ?? {}),
      matched: Object.keys(row?.matched[0] ?? {}),
      check: Object.keys(checks[0] ?? {}),
      value: Object.keys(values[0] ?? {}),
      occurrence: Object.keys(values[0]?.occurrences[0] ?? {}),
      capture: Object.keys(captures[0] ?? {}),
      finding: Object.keys(findings[0] ?? {}),
    }).toMatchInlineSnapshot(`
      {
        "capture": [
          "key",
          "side",
          "layer",
          "format",
          "command",
          "origin",
          "bytes",
          "lines",
          "sha256",
        ],
        "check": [
          "id",
          "side",
          "title",
          "status",
          "why",
          "evidence",
        ],
        "finding": [
          "kind",
          "about",
          "text",
          "values",
          "places",
        ],
        "layer": [
          "id",
          "title",
          "verdict",
          "why",
          "rows",
        ],
        "matched": [
          "path",
          "v1",
          "v2",
          "by",
        ],
        "occurrence": [
          "capture",
          "line",
          "column",
          "length",
        ],
        "row": [
          "id",
          "verdict",
          "why",
          "matched",
          "differences",
          "rules",
          "notes",
        ],
        "value": [
          "role",
          "side",
          "value",
          "how",
          "counterpart",
          "occurrences",
        ],
      }
    `);
    expect(layers.map(({ id, verdict, rows }) => `${id} ${verdict} ${rows.length}`)).toMatchInlineSnapshot(`
      [
        "l1 identical 3",
        "l2 identical 1",
        "l3 identical 3",
        "l4 diverges 1",
        "l5 identical 2",
        "l6 diverges 5",
        "l7 only-v2 3",
        "l8 only-v2 5",
      ]
    `);
    expect(captures.map(({ key }) => key).sort()).toEqual(keysOnDisk(root).sort());
    for (const { key, bytes, sha256: digest } of captures) {
      const { body } = decodeCapture(readFileSync(path(`captures/${key}.txt`)), key);
      expect({ bytes, digest }, key).toEqual({ bytes: body.length, digest: sha256(body) });
    }
    expect(findings.length).toBeGreaterThan(10);
    for (const { text } of findings) expect(text).toMatch(/^\S.*\.$/s);
  });

  test('every occurrence of a value points to the value', () => {
    const places = json().values.flatMap(({ side, value, occurrences }) =>
      occurrences.map((at) => ({ side, value, at })),
    );
    expect(places.length).toBeGreaterThan(150);
    for (const { side, value, at } of places) {
      expect(at.capture.startsWith(`${side}/`), at.capture).toBe(true);
      expect(textAt(at)).toBe(value);
    }
    expect(json().values.every(({ occurrences }) => occurrences.length > 0)).toBe(true);
  });

  test('or to its other notation, such as an address of /proc/net/tcp', () => {
    // A connection of the pod's own: 10.20.0.9 from its port 80, the other way round and in hexadecimal.
    const socket = '   1: 0900140A:0050 0700140A:9C40 01 00000000:00000000 00:00000000 00000000     0        0 1 1';
    editOutput('v1/l5-pod-interface', /\s*$/, `\n${socket}\n`);
    const { values } = jsonOf(buildReport(root, { draft: true })) as Json;
    const own = values.find(({ role, side, value }) => role === 'pod-ip' && side === 'v1' && value === '10.20.0.9');
    const texts = own?.occurrences.filter(({ capture }) => capture === 'v1/l5-pod-interface').map(textAt);
    expect(texts).toEqual(['10.20.0.9', '0900140A']);
  });

  test('counterparts are values of the other side with the same role', () => {
    const { values } = json();
    for (const { role, side, value, counterpart } of values)
      for (const name of counterpart) {
        const found = values.find((one) => one.value === name && one.role === role && one.side !== side);
        expect(found, `${role} ${value} ↔ ${name}`).toBeDefined();
      }
    expect(values.filter(({ counterpart }) => counterpart.length > 0).length).toBeGreaterThan(10);
  });

  test('every difference quotes what stands at its place, and all evidence points into an output', () => {
    const { layers, checks } = json();
    const sides = layers.flatMap(({ rows }) =>
      rows.flatMap(({ differences }) => differences.flatMap(({ v1, v2 }) => [v1, v2])),
    );
    const stated = sides.filter((one) => one !== undefined);
    expect(stated.length).toBeGreaterThan(10);
    for (const { text, at } of stated) expect(textAt(at)).toBe(text);
    const evidence = checks.flatMap((check) => check.evidence);
    expect(evidence.length).toBeGreaterThan(200);
    for (const at of evidence) expect(textAt(at).length, at.capture).toBe(at.length);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
  });
});
