import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { type SideId, sideIds } from './schema.ts';

/** A text of layers.yaml that a reader sees, with its place. */
export interface ProseEntry {
  /** `layer l4, capture dnat, side v1, key note`, as in the messages about the recipe. */
  subject: string;
  /** 1-based line of the key. */
  line: number;
  text: string;
  layer: string;
  /** Row and side it stands under; absent for what is said of a whole layer, or of a whole row. */
  row?: string;
  side?: SideId;
  /** 1-based line of a piece of the text, where the file holds it on one line; else that of the key. */
  lineOf(piece: string): number;
}

const LAYER_KEYS = ['summary', 'absent'];
const SIDE_KEYS = ['note', 'managed'];

/** Every text of the recipe in file order. What is not a text of a layer, row or side is passed over: the schema judges it. */
export function proseEntries(source: string): ProseEntry[] {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const entries: ProseEntry[] = [];
  const take = (
    map: YAMLMap,
    keys: readonly string[],
    subject: string,
    at: Pick<ProseEntry, 'layer' | 'row' | 'side'>,
  ) => {
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (!keys.includes(name) || !isScalar(value) || typeof value.value !== 'string') continue;
      const [from, to] = [(key as Node).range?.[0] ?? 0, value.range?.[2] ?? 0];
      const line = lines.linePos(from).line;
      const raw = source.slice(from, to);
      entries.push({
        subject: `${subject}, key ${name}`,
        line,
        text: value.value,
        ...at,
        lineOf: (piece) => {
          const found = raw.indexOf(piece);
          return found < 0 ? line : lines.linePos(from + found).line;
        },
      });
    }
  };
  for (const layer of mapsIn(document.get('layers'))) {
    const id = String(layer.get('id'));
    take(layer, LAYER_KEYS, `layer ${id}`, { layer: id });
    for (const row of mapsIn(layer.get('captures'))) {
      const subject = `layer ${id}, capture ${String(row.get('id'))}`;
      const at = { layer: id, row: String(row.get('id')) };
      take(row, ['absent'], subject, at);
      for (const side of sideIds) {
        const own = row.get(side);
        if (isMap(own)) take(own, SIDE_KEYS, `${subject}, side ${side}`, { ...at, side });
      }
    }
  }
  return entries.sort((a, b) => a.line - b.line);
}

function mapsIn(node: unknown): YAMLMap[] {
  return isSeq(node) ? node.items.filter((item) => isMap(item)) : [];
}
