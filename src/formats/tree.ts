import { part } from './cut.ts';
import type { Located } from './types.ts';

/*
 * Nested data with the place of every value: what the YAML and the JSON parser give.
 */

/** A scalar. `at` is its source without quotes; `data` what it stands for. */
export interface TreeScalar {
  type: 'scalar';
  at: Located;
  data: string | number | boolean | null;
}

/** A mapping, in source order. */
export interface TreeMap {
  type: 'map';
  entries: { key: Located; value: TreeNode }[];
  /** The source `{}` of a mapping without entries: it says something too. */
  empty?: Located;
}

/** A list. */
export interface TreeList {
  type: 'list';
  items: TreeNode[];
  /** The source `[]` of a list without items. */
  empty?: Located;
}

/** A node of nested data. */
export type TreeNode = TreeScalar | TreeMap | TreeList;

/** Deepest nesting that is read. Kubernetes objects stay below 30; a bound keeps recursion safe. */
export const MAX_DEPTH = 200;

/**
 * Reads JSON, keeping the place of every value.
 * @returns undefined where the text is not JSON or nests deeper than {@link MAX_DEPTH}
 */
export function parseJson(json: Located): TreeNode | undefined {
  try {
    JSON.parse(json.value);
  } catch {
    return undefined;
  }
  // From here on the text is known to be JSON, so that taking tokens in order is enough.
  const { value: text } = json;
  let at = 0;
  const skip = (marks: string) => {
    while (marks.includes(text[at] ?? '?')) at++;
  };
  const string = (): Located => {
    const from = at + 1;
    do at = text[at] === '\\' ? at + 2 : at + 1;
    while (text[at] !== '"');
    at++;
    return part(json, from, at - 1);
  };
  const bare = (): Located => {
    const from = at;
    while (at < text.length && !' \t\r\n,]}'.includes(text[at] ?? '')) at++;
    return part(json, from, at);
  };
  const node = (depth: number): TreeNode | undefined => {
    skip(' \t\r\n');
    const open = text[at];
    if (open === '"') {
      const found = string();
      return { type: 'scalar', at: found, data: JSON.parse(`"${found.value}"`) as string };
    }
    if (open !== '{' && open !== '[') {
      const found = bare();
      return { type: 'scalar', at: found, data: JSON.parse(found.value) as number | boolean | null };
    }
    if (depth > MAX_DEPTH) return undefined;
    const whole: TreeMap | TreeList = open === '{' ? { type: 'map', entries: [] } : { type: 'list', items: [] };
    const from = at++;
    for (;;) {
      skip(' \t\r\n,');
      if (text[at] === '}' || text[at] === ']') break;
      const key = whole.type === 'map' ? string() : undefined;
      skip(' \t\r\n:');
      const child = node(depth + 1);
      if (!child) return undefined;
      if (whole.type === 'list') whole.items.push(child);
      else if (key) whole.entries.push({ key, value: child });
    }
    at++;
    const size = whole.type === 'map' ? whole.entries.length : whole.items.length;
    return size > 0 ? whole : { ...whole, empty: part(json, from, at) };
  };
  return node(1);
}

/** The value of a key, where a node is a mapping that has it. */
export function childOf(node: TreeNode | undefined, key: string): TreeNode | undefined {
  return node?.type === 'map' ? node.entries.find((entry) => entry.key.value === key)?.value : undefined;
}

/** The scalar at the end of a path of keys; undefined where there is none, or where it is null. */
export function scalarAt(node: TreeNode | undefined, ...keys: string[]): Located | undefined {
  const found = keys.reduce<TreeNode | undefined>(childOf, node);
  return found?.type === 'scalar' && found.data !== null ? found.at : undefined;
}
