import { posix } from 'node:path';
import type { Problem } from '../../src/problem.ts';
import { type Area, areas } from './areas.ts';
import { importsOf } from './imports.ts';

/** The files of a tree that have import lines, by path from its root, with their text. */
export type Tree = ReadonlyMap<string, string>;

interface Edge {
  from: string;
  /** Path of the imported file; the specifier of a package. */
  to: string;
  package: boolean;
  typeOnly: boolean;
  line: number;
}

/** The area a file stands in: the longest folder or file name that fits. */
export function areaOf(path: string): Area | undefined {
  let best: { area: Area; length: number } | undefined;
  for (const area of areas) {
    for (const held of area.holds) {
      const fits = held.endsWith('/') ? path.startsWith(held) : path === held;
      if (fits && held.length > (best?.length ?? 0)) best = { area, length: held.length };
    }
  }
  return best?.area;
}

function edgesOf(tree: Tree): Edge[] {
  return [...tree].flatMap(([from, text]) =>
    importsOf(from, text).map(({ specifier, typeOnly, line }): Edge => {
      const relative = specifier.startsWith('.');
      const to = relative ? posix.join(posix.dirname(from), specifier) : specifier;
      return { from, to, package: !relative, typeOnly, line };
    }),
  );
}

/** `astro` of `astro/config`, `@resvg/resvg-js` as it is, `astro` of `astro:content`; modules of Node in full. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
  return name.split(':')[0] ?? name;
}

function forbidden({ from, to, package: isPackage, typeOnly, line }: Edge): Problem[] {
  const own = areaOf(from);
  if (!own) return [];
  const problem = (expected: string, found: string): Problem[] => [
    {
      file: from,
      line,
      subject: `area ${own.name}`,
      expected,
      found,
      fix: 'Ask for what is needed where the data already are, or hand it in; scripts/lint/areas.ts says who may import whom.',
    },
  ];
  if (isPackage) {
    const name = packageOf(to);
    const may = own.packages ?? [];
    const fits = may.includes(name) || (name.startsWith('node:') && may.includes('node:*'));
    return fits ? [] : problem(`no package but ${may.join(', ') || 'none'}`, `an import of ${name}`);
  }
  const other = areaOf(to);
  if (!other || other === own || own.may.includes(other.name)) return [];
  if (typeOnly && own.types?.includes(other.name)) return [];
  const types = own.types ? `, types of ${own.types.join(', ')}` : '';
  return problem(
    `imports of ${own.may.join(', ') || 'nothing of ours'}${types}`,
    `${typeOnly ? 'a type import' : 'an import'} of ${to} (area ${other.name})`,
  );
}

/** Files that import each other in a circle, type-only imports included; each circle once, as its shortest way round. */
function cyclesOf(edges: readonly Edge[]): Problem[] {
  const next = Map.groupBy(
    edges.filter((edge) => !edge.package),
    ({ from }) => from,
  );
  const found = new Map<string, Problem>();
  for (const start of next.keys()) {
    const way = shortestWay(start, next);
    if (!way) continue;
    const key = [...way].sort().join();
    if (found.has(key)) continue;
    found.set(key, {
      file: start,
      line: next.get(start)?.find(({ to }) => to === way[1])?.line ?? 1,
      expected: 'no import that leads back to the file',
      found: [...way.slice(0, 5), ...(way.length > 5 ? ['…'] : []), start].join(' → '),
      fix: 'Put what both need into a file of its own.',
    });
  }
  return [...found.values()];
}

/** Breadth first from a file back to itself. */
function shortestWay(start: string, next: ReadonlyMap<string, readonly Edge[]>): string[] | undefined {
  const before = new Map<string, string>();
  const queue = [start];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    for (const { to } of next.get(at) ?? []) {
      if (to === start) {
        const way = [at];
        for (let one = before.get(at); one !== undefined; one = before.get(one)) way.unshift(one);
        return way;
      }
      if (before.has(to) || !next.has(to)) continue;
      before.set(to, at);
      queue.push(to);
    }
  }
  return undefined;
}

/** Every import that crosses a border, every file outside all areas, and every circle of imports. */
export function borderProblems(tree: Tree): Problem[] {
  const edges = edgesOf(tree);
  const homeless = [...tree.keys()]
    .filter((path) => !areaOf(path))
    .map(
      (file): Problem => ({
        file,
        expected: 'a place in one of the areas',
        found: 'none',
        fix: 'Move it, or give its folder an area in scripts/lint/areas.ts.',
      }),
    );
  return [...homeless, ...edges.flatMap(forbidden), ...cyclesOf(edges)];
}

/** The table of CONTRIBUTING: area by area, where it stands and what it may import. */
export function bordersTable(): string {
  const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');
  const rows = areas.map(({ name, holds, what, may, types }) => {
    const all = [may.join(', ') || 'nothing of ours', ...(types ? [`types of ${types.join(', ')}`] : [])];
    return `| ${name} | ${code(holds)} | ${what} | ${all.join('; ')} |`;
  });
  return ['| area | stands in | what stands there | may import |', '|---|---|---|---|', ...rows, ''].join('\n');
}
