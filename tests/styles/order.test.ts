import { readdirSync, readFileSync } from 'node:fs';
import postcss, { type ChildNode } from 'postcss';
import { describe, expect, test } from 'vitest';

const FOLDER = 'src/styles';
/** Files that are no part's: the order, the tokens, elements and shared words, and what print and no script change. */
const SHARED = ['index', 'tokens', 'base', 'print', 'script'];
const names = readdirSync(FOLDER).map((file) => file.replace(/\.css$/, ''));
const parse = (name: string) => postcss.parse(readFileSync(`${FOLDER}/${name}.css`, 'utf8'));

/** Every selector outside keyframes, whatever it stands in. */
function selectorsOf(nodes: readonly ChildNode[] = []): string[] {
  return nodes.flatMap((node) => {
    if (node.type === 'rule') return node.selectors;
    return node.type === 'atrule' && !node.name.endsWith('keyframes') ? selectorsOf(node.nodes) : [];
  });
}

test('one file fixes the order, and names every other once', () => {
  const imports = [...readFileSync(`${FOLDER}/index.css`, 'utf8').matchAll(/@import "\.\/(.+)\.css" layer\((.+)\);/g)];
  expect(imports.map(([, name]) => name).sort()).toEqual(names.filter((name) => name !== 'index').sort());
  const [, layers = ''] = /@layer (.+);/.exec(readFileSync(`${FOLDER}/index.css`, 'utf8')) ?? [];
  expect([...new Set(imports.map(([, , layer]) => layer))]).toEqual(layers.split(', '));
});

describe.each(names.filter((name) => !SHARED.includes(name)))('%s.css', (name) => {
  test('styles nothing outside the class it is named after', () => {
    const own = new RegExp(`[.#]${name}(?![\\w-])`);
    const selectors = selectorsOf(parse(name).nodes);
    expect(selectors.length).toBeGreaterThan(0);
    expect(selectors.filter((selector) => !own.test(selector))).toEqual([]);
  });
});
