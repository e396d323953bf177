import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Area, areas } from '../../../scripts/lint/areas.ts';
import { areaOf, borderProblems, bordersTable, type Tree } from '../../../scripts/lint/borders.ts';
import { importsOf } from '../../../scripts/lint/imports.ts';

const folderOf = ({ holds }: Area) => holds.find((held) => held.endsWith('/'));
/** A file of an area, some folders deep where it has folders. */
const fileIn = (area: Area, depth = 0) => {
  const folder = folderOf(area);
  return folder ? `${folder}${'deep/'.repeat(depth)}planted.ts` : (area.holds[0] as string);
};
const way = (from: string, to: string) => {
  const up = '../'.repeat(from.split('/').length - 1);
  return up === '' ? `./${to}` : `${up}${to}`;
};
const refused = (tree: Tree) => borderProblems(tree).map(({ file, found }) => `${file}: ${found}`);

describe.each(areas.map((area) => [area.name, area] as const))('%s', (_, area) => {
  const others = areas.filter((other) => other !== area);
  test.each([1, 2])('refuses what it may not import, %i folders deep', (depth) => {
    const from = fileIn(area, depth);
    const seen = others.map((other) => {
      const to = fileIn(other);
      const tree = (text: string) => new Map([...new Map([[to, '']]), [from, text]]);
      const value = borderProblems(tree(`import { a } from '${way(from, to)}';`));
      const type = borderProblems(tree(`import type { A } from '${way(from, to)}';`));
      const dynamic = borderProblems(tree(`await import('${way(from, to)}');`));
      return { other: other.name, value: value.length, type: type.length, dynamic: dynamic.length };
    });
    expect(seen).toEqual(
      others.map(({ name }) => {
        const value = area.may.includes(name) ? 0 : 1;
        const type = area.types?.includes(name) ? 0 : value;
        return { other: name, value, type, dynamic: value };
      }),
    );
  });

  test('refuses packages it has no use for', () => {
    const from = fileIn(area, 1);
    const names = ['execa', 'astro', 'node:fs', 'node:child_process', 'left-pad', '@scope/name/deep'];
    const found = names.filter((name) => borderProblems(new Map([[from, `import '${name}';`]])).length > 0);
    const may = area.packages ?? [];
    expect(found).toEqual(
      names.filter((name) => !may.includes(name) && !(name.startsWith('node:') && may.includes('node:*'))),
    );
  });
});

test('the imports that slipped through before', () => {
  const plants: [file: string, imported: string][] = [
    ['src/formats/deep/one.ts', 'src/analysis/roles.ts'],
    ['src/formats/one.ts', 'src/report/report.ts'],
    ['src/analysis/roles/one.ts', 'src/highlight/html.ts'],
    ['src/figures/one.ts', 'src/analysis/compare.ts'],
    ['src/report/one.ts', 'execa'],
    ['src/components/One.astro', 'node:child_process'],
    ['scripts/deep/one.ts', 'src/figures/index.ts'],
    ['scripts/one.ts', 'astro'],
  ];
  const planted = plants.map(([file, imported]) => {
    const from = imported.includes('/') ? way(file, imported) : imported;
    const code = `import { a } from '${from}';\n`;
    const tree = new Map([
      [file, file.endsWith('.astro') ? `---\n${code}---\n<p />\n` : code],
      ...(imported.startsWith('src/') ? [[imported, ''] as const] : []),
    ]);
    return borderProblems(tree).length;
  });
  expect(planted).toEqual(plants.map(() => 1));
});

test('circles are refused, type-only ones too', () => {
  const a = 'src/model/a.ts';
  const b = 'src/model/deep/b.ts';
  const c = 'src/model/c.ts';
  expect(
    refused(
      new Map([
        [a, "import type { B } from './deep/b.ts';"],
        [b, "export { type C } from '../c.ts';"],
        [c, "type A = import('./a.ts').A;"],
      ]),
    ),
  ).toEqual([`${a}: ${a} → ${b} → ${c} → ${a}`]);
});

test('a file without an area is refused', () => {
  expect(refused(new Map([['src/somewhere/else.ts', '']]))).toEqual(['src/somewhere/else.ts: none']);
  expect(areaOf('scripts/capture/run.ts')?.name).toBe('recorder');
});

test('what counts as an import', () => {
  const text = [
    "import a, { type B } from './a.ts';",
    "import { type C, type D } from './b.ts';",
    "import './c.css';",
    "export * from './d.ts';",
    "const text = `import e from './e.ts'`; // import f from './f.ts'",
  ].join('\n');
  expect(importsOf('x.ts', text)).toEqual([
    { specifier: './a.ts', typeOnly: false, line: 1 },
    { specifier: './b.ts', typeOnly: true, line: 2 },
    { specifier: './c.css', typeOnly: false, line: 3 },
    { specifier: './d.ts', typeOnly: false, line: 4 },
  ]);
  const astro = "---\nimport A from './A.astro';\n---\n<A />\n<script>\n  import '../browser/main.ts';\n</script>\n";
  expect(importsOf('x.astro', astro)).toEqual([
    { specifier: './A.astro', typeOnly: false, line: 2 },
    { specifier: '../browser/main.ts', typeOnly: false, line: 6 },
  ]);
});

test('the command says what is wrong, and nothing where nothing is', () => {
  const root = mkdtempSync(join(tmpdir(), 'borders-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const run = () => spawnSync('node', ['scripts/lint.ts', root], { encoding: 'utf8' });
  try {
    write('src/model/a.ts', '');
    write('scripts/check.ts', "import { a } from '../src/model/a.ts';\n");
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    write('src/model/a.ts', "\nimport { b } from '../analysis/b.ts';\n");
    write('src/analysis/b.ts', '');
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toMatchInlineSnapshot(`
      "src/model/a.ts:2: area model: expected imports of common, formats, recipe; found an import of src/analysis/b.ts (area analysis). Ask for what is needed where the data already are, or hand it in; scripts/lint/areas.ts says who may import whom.
      "
    `);
    expect(stderr.length).toBeLessThan(600);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('CONTRIBUTING shows the table of borders', () => {
  expect(readFileSync('CONTRIBUTING.md', 'utf8')).toContain(bordersTable());
});
