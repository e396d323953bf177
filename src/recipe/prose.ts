import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { readYaml } from '../yaml.ts';
import { RECIPE_FILE } from './load.ts';
import { sideIds } from './schema.ts';

/** A text of layers.yaml that says something of the outputs, with its place. */
export interface ProseEntry {
  /** `layer l4, capture dnat, side v1, key note`, as in the messages about the recipe. */
  subject: string;
  /** 1-based line of the key. */
  line: number;
  text: string;
  /** 1-based line of a piece of the text, where the file holds it on one line; else that of the key. */
  lineOf(piece: string): number;
}

const PAGE_KEYS = ['headline', 'intro'];
const LAYER_KEYS = ['summary', 'absent'];
const SIDE_KEYS = ['note', 'managed'];

/**
 * Every text of the recipe in file order. What is not a text of a layer, row or side is passed over: the schema judges it.
 * @throws {ProblemsError} as {@link readYaml}
 */
export function proseEntries(source: string): ProseEntry[] {
  const { document, lines } = readYaml(RECIPE_FILE, source);
  const entries: ProseEntry[] = [];
  const take = (map: unknown, keys: readonly string[], subject: string) => {
    for (const { key, value } of isMap(map) ? map.items : []) {
      const name = isScalar(key) ? String(key.value) : '';
      if (!keys.includes(name) || !isScalar(value) || typeof value.value !== 'string') continue;
      const [from, to] = [(key as Node).range?.[0] ?? 0, value.range?.[2] ?? 0];
      const line = lines.linePos(from).line;
      const raw = source.slice(from, to);
      entries.push({
        subject: `${subject}, key ${name}`,
        line,
        text: value.value,
        lineOf: (piece) => {
          const found = raw.indexOf(piece);
          return found < 0 ? line : lines.linePos(from + found).line;
        },
      });
    }
  };
  take(document.contents, PAGE_KEYS, 'the page');
  for (const layer of mapsIn(document.get('layers'))) {
    const id = String(layer.get('id'));
    take(layer, LAYER_KEYS, `layer ${id}`);
    for (const row of mapsIn(layer.get('captures'))) {
      const subject = `layer ${id}, capture ${String(row.get('id'))}`;
      take(row, ['absent'], subject);
      for (const side of sideIds) take(row.get(side), SIDE_KEYS, `${subject}, side ${side}`);
    }
  }
  return entries.sort((a, b) => a.line - b.line);
}

function mapsIn(node: unknown): YAMLMap[] {
  return isSeq(node) ? node.items.filter((item) => isMap(item)) : [];
}
