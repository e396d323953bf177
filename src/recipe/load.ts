import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isNode } from 'yaml';
import { type Problem, ProblemsError, quote } from '../problem.ts';
import { complaints, pathText } from '../validate.ts';
import { readYaml } from '../yaml.ts';
import { commandProblems } from './command-check.ts';
import type { Contradiction } from './contradiction.ts';
import {
  layerSchema,
  type Recipe,
  type RecipeCapture,
  type RecipeLayer,
  type RecipeSide,
  recipeSchema,
  type SideId,
  sideIds,
} from './schema.ts';

/** Name of the recipe in the project root. */
export const RECIPE_FILE = 'layers.yaml';
/** A recipe is a few kilobytes; anything past this is not one. */
const MAX_RECIPE_BYTES = 1024 * 1024;

/** One output the recipe asks for, with what its row says filled in. */
export interface PlannedCapture {
  /** `v1/l4-iptables-nat`: names the file, the address on the page and the entry in report.json. */
  key: string;
  side: SideId;
  layer: string;
  /** Id of the row it stands in. */
  row: string;
  title: string;
  /** Where room is short. */
  name: string;
  format: RecipeCapture['format'];
  recipe: RecipeSide;
}

/** Every output the recipe asks for, in page order. */
export function plannedCaptures(recipe: Recipe): PlannedCapture[] {
  return recipe.layers.flatMap((layer) =>
    layer.captures.flatMap((row) =>
      sideIds.flatMap((side) => {
        const own = row[side];
        return own
          ? [
              {
                key: `${side}/${layer.id}-${own.id ?? row.id}`,
                side,
                layer: layer.id,
                row: row.id,
                title: own.title ?? row.title,
                name: row.short ?? own.title ?? row.title,
                format: own.format ?? row.format,
                recipe: own,
              },
            ]
          : [];
      }),
    ),
  );
}

/**
 * Reads and checks layers.yaml. Outputs marked `recordOnly` are left out as long as no recording wrote their file.
 * @param root project root
 * @param options.recording for the recorder: with every output
 * @param options.source its text, where it has been read already
 * @throws {ProblemsError} naming every problem with its line
 */
export function loadRecipe(root: string, options: { recording?: boolean; source?: string } = {}): Recipe {
  const recipe = parseRecipe(options.source ?? recipeText(root));
  return options.recording ? recipe : withoutUnrecorded(recipe, (key) => existsSync(join(root, `captures/${key}.txt`)));
}

/**
 * The text of layers.yaml.
 * @throws {ProblemsError} when there is none, or one too large to be a recipe
 */
export function recipeText(root: string): string {
  const path = join(root, RECIPE_FILE);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined || size > MAX_RECIPE_BYTES) {
    throw new ProblemsError([
      {
        file: RECIPE_FILE,
        expected: `a recipe of at most ${MAX_RECIPE_BYTES} bytes`,
        found: size === undefined ? 'no such file' : `${size} bytes`,
        fix:
          size === undefined
            ? 'Run the command in the project root, or restore the file from git.'
            : 'Outputs belong into captures/.',
      },
    ]);
  }
  return readFileSync(path, 'utf8');
}

/**
 * The recipe without the outputs that a recording says its cluster does not have; their rows say why.
 * @param why by key
 */
export function withoutNotHere(recipe: Recipe, why: ReadonlyMap<string, string>): Recipe {
  const layers = recipe.layers.map((layer) => ({
    ...layer,
    captures: layer.captures.map((row) => {
      const said = sideIds.flatMap((side) => {
        const own = row[side];
        const reason = own && why.get(`${side}/${layer.id}-${own.id ?? row.id}`);
        return reason === undefined ? [] : [{ side, text: `Not recorded on ${side.toUpperCase()}: ${reason}.` }];
      });
      const gone = Object.fromEntries(said.map(({ side }) => [side, undefined]));
      return said.length === 0 ? row : { ...row, ...gone, absent: said.map(({ text }) => text).join(' ') };
    }),
  }));
  return { ...recipe, layers };
}

/** The recipe without the outputs that only a recording has and `recorded` does not know. */
export function withoutUnrecorded(recipe: Recipe, recorded: (key: string) => boolean): Recipe {
  const keep = new Set(
    plannedCaptures(recipe)
      .filter((plan) => !plan.recipe.recordOnly || recorded(plan.key))
      .map((plan) => `${plan.side} ${plan.layer} ${plan.row}`),
  );
  const layers = recipe.layers.map((layer) => ({
    ...layer,
    captures: layer.captures.flatMap((row) => {
      const { v1, v2, ...rest } = row;
      const left = v1 && keep.has(`v1 ${layer.id} ${row.id}`) ? { v1 } : {};
      const right = v2 && keep.has(`v2 ${layer.id} ${row.id}`) ? { v2 } : {};
      return left.v1 || right.v2 ? [{ ...rest, ...left, ...right }] : [];
    }),
  }));
  return { ...recipe, layers };
}

/**
 * Parses and checks the text of a recipe.
 * @throws {ProblemsError} naming every problem with its line
 */
export function parseRecipe(text: string): Recipe {
  const { document: doc, lines } = readYaml(RECIPE_FILE, text);
  const problems: Problem[] = [];
  const data: unknown = doc.toJS();
  const lineOf = (keys: readonly PropertyKey[]): number => {
    for (let length = keys.length; length > 0; length--) {
      const path = keys.slice(0, length);
      const node = doc.getIn(path, true);
      if (isNode(node) && node.range) {
        return lines.linePos(keyStart(doc, path) ?? node.range[0]).line;
      }
    }
    return 1;
  };
  const result = recipeSchema.safeParse(data ?? undefined);
  const wrong = result.success ? [] : complaints(result.error, data);
  for (const { path: keys, expected, found } of wrong) {
    problems.push({
      file: RECIPE_FILE,
      line: lineOf(keys),
      subject: subjectOf(data, keys),
      expected,
      found,
      fix: found.startsWith('the unknown key')
        ? 'Remove it or correct its spelling; public/layers.schema.json lists the keys.'
        : /^recording\.redactions\.\d+\.find$/.test(pathText(keys))
          ? 'Only these can be renamed. An output with a password, key or token is refused, always: narrow its command.'
          : 'Correct the value; public/layers.schema.json describes it.',
    });
  }
  const layers = readableLayers(data);
  for (const { keys, ...rest } of [...duplicateIds(layers), ...expectations(layers), ...commandProblems(layers)]) {
    problems.push({ file: RECIPE_FILE, line: lineOf(keys), subject: subjectOf(data, keys), ...rest });
  }
  if (!result.success || problems.length > 0) throw new ProblemsError(inOrder(problems));
  return result.data;
}

/** The layers that are well-formed, with their place: what else is wrong should not hide what they contradict. */
function readableLayers(data: unknown): [number, RecipeLayer][] {
  const list = (data as { layers?: unknown } | null)?.layers;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index): [number, RecipeLayer][] => {
    const { success, data: layer } = layerSchema.safeParse(item);
    return success ? [[index, layer]] : [];
  });
}

function inOrder(problems: Problem[]): Problem[] {
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Start of the key, not of the value, so that the line is the one a person looks for. */
function keyStart(doc: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = doc.getIn(path.slice(0, -1), true) as
    | { items?: { key?: { value?: unknown; range?: number[] } }[] }
    | undefined;
  return parent?.items?.find((item) => item.key?.value === path.at(-1))?.key?.range?.[0];
}

/** `layer l4, capture dnat, side v1, key format`: a path in the words of the recipe. */
function subjectOf(data: unknown, keys: readonly PropertyKey[]): string {
  const parts: string[] = [];
  let value = data as Record<PropertyKey, unknown> | undefined;
  let rest = [...keys];
  const named: Record<string, string> = { layers: 'layer', captures: 'capture', sides: 'side' };
  while (rest.length > 0) {
    const [key, next] = rest;
    const word = named[String(key)];
    const child = value?.[key as PropertyKey] as Record<PropertyKey, unknown> | undefined;
    if (word && typeof next === 'number') {
      value = child?.[next] as Record<PropertyKey, unknown> | undefined;
      parts.push(`${word} ${nameOf(value?.id, next)}`);
      rest = rest.slice(2);
    } else if (sideIds.includes(key as SideId)) {
      value = child;
      parts.push(`side ${String(key)}`);
      rest = rest.slice(1);
    } else {
      parts.push(`key ${rest.map(String).join('.')}`);
      rest = [];
    }
  }
  return parts.join(', ');
}

/** An id that could be one is printed as it is; anything else is quoted, because it may hold anything. */
function nameOf(id: unknown, index: number): string {
  if (typeof id !== 'string') return `number ${index + 1}`;
  return /^[\w./-]+$/.test(id) ? id : quote(id);
}

function duplicateIds(layers: [number, RecipeLayer][]): Contradiction[] {
  const found: Contradiction[] = [];
  const seen = new Set<string>();
  const once = (kind: string, id: string, keys: PropertyKey[]) => {
    if (seen.has(`${kind} ${id}`)) {
      found.push({
        keys,
        expected: `each ${kind} to be named once`,
        found: `${quote(id)} again`,
        fix: 'Give one of them another id.',
      });
    }
    seen.add(`${kind} ${id}`);
  };
  for (const [l, layer] of layers) {
    once('layer id', layer.id, ['layers', l, 'id']);
    layer.captures.forEach((row, c) => {
      once(`row id of ${layer.id}`, row.id, ['layers', l, 'captures', c, 'id']);
      for (const side of sideIds) {
        const own = row[side];
        if (own)
          once('capture file', `captures/${side}/${layer.id}-${own.id ?? row.id}.txt`, [
            'layers',
            l,
            'captures',
            c,
            side,
          ]);
      }
    });
  }
  return found;
}

/** `expect` must be possible with the sides that are there. */
function expectations(layers: [number, RecipeLayer][]): Contradiction[] {
  return layers.flatMap(([l, layer]) => {
    const present = sideIds.filter((side) => layer.captures.some((row) => row[side] && !row[side].recordOnly));
    const possible = present.length === 2 ? ['identical', 'diverges'] : [`only-${present[0]}`];
    return possible.includes(layer.expect)
      ? []
      : [
          {
            keys: ['layers', l, 'expect'],
            expected: `${possible.join(' or ')}, because the layer has captures of ${present.join(' and ')}`,
            found: quote(layer.expect),
            fix: 'Correct `expect`, or add the captures of the other side.',
          },
        ];
  });
}
