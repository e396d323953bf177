import { readdirSync, readFileSync } from 'node:fs';
import postcss, { type ChildNode } from 'postcss';
import { describe, expect, test } from 'vitest';

const FOLDER = 'src/styles';
/** Files that are no part's: the order, the tokens, elements, shared words and values, and what print and no script change. */
/** They import the others, in the order in which the page needs them. */
const ENTRIES = ['first', 'index'];
const SHARED = [...ENTRIES, 'tokens', 'base', 'values', 'print', 'script'];
const names = readdirSync(FOLDER).map((file) => file.replace(/\.css$/, ''));
const parse = (name: string) => postcss.parse(readFileSync(`${FOLDER}/${name}.css`, 'utf8'));

/** Every selector outside keyframes, whatever it stands in. */
function selectorsOf(nodes: readonly ChildNode[] = []): string[] {
  return nodes.flatMap((node) => {
    if (node.type === 'rule') return node.selectors;
    return node.type === 'atrule' && !node.name.endsWith('keyframes') ? selectorsOf(node.nodes) : [];
  });
}

test('two files name every other once; the first of them fixes the order', () => {
  const [first = '', ...others] = ENTRIES.map((name) => readFileSync(`${FOLDER}/${name}.css`, 'utf8'));
  const rest = others.join('');
  const imports = [...(first + rest).matchAll(/@import "\.\/(.+)\.css" layer\((.+)\);/g)];
  const parts = names.filter((name) => !ENTRIES.includes(name));
  expect(imports.map(([, name]) => name).sort()).toEqual(parts.sort());
  const [, layers = ''] = /@layer (.+);/.exec(first) ?? [];
  expect([...new Set(imports.map(([, , layer]) => layer))].sort()).toEqual(layers.split(', ').sort());
  expect(rest).not.toContain('@layer');
});

describe.each(names.filter((name) => !SHARED.includes(name)))('%s.css', (name) => {
  test('styles nothing outside the class it is named after', () => {
    const own = new RegExp(`[.#]${name}(?![\\w-])`);
    const selectors = selectorsOf(parse(name).nodes);
    expect(selectors.length).toBeGreaterThan(0);
    expect(selectors.filter((selector) => !own.test(selector))).toEqual([]);
  });
});
