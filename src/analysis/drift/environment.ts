import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

/** Keys of run.yaml that name or time a recording, or explain it; none says what was recorded. */
const ABOUT_THE_RECORDING = new Set(['run', 'started', 'order', 'evidence', 'earlier', 'context', 'name']);

/**
 * What run.yaml says of the environment, flat: `server`, `nodes kernel`, `tools kubectl`. Of a list of mappings, the
 * distinct values of each key and the length of the list. Text that is not YAML gives nothing: the capture reader
 * judges it.
 */
export function environmentOf(source: string): Map<string, string> {
  const facts = new Map<string, string>();
  const collect = (node: unknown, path: string): void => {
    if (isScalar(node)) facts.set(path, String(node.value));
    else if (isMap(node)) {
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : '';
        if (!ABOUT_THE_RECORDING.has(name)) collect(value, path === '' ? name : `${path} ${name}`);
      }
    } else if (isSeq(node)) {
      facts.set(`${path} count`, String(node.items.length));
      const each = new Map<string, Set<string>>();
      for (const item of node.items) {
        const pairs = isMap(item)
          ? item.items.map(({ key, value }) => [`${path} ${String(key)}`, value])
          : [[path, item]];
        for (const [name, value] of pairs as [string, unknown][]) {
          const last = name.split(' ').at(-1) ?? '';
          if (!isScalar(value) || (isMap(item) && ABOUT_THE_RECORDING.has(last))) continue;
          each.set(name, (each.get(name) ?? new Set()).add(String(value.value)));
        }
      }
      for (const [name, values] of each) facts.set(name, [...values].sort().join(', '));
    }
  };
  // Read as text throughout, so that version 1.30 does not become 1.3.
  const document = parseDocument(source, { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length === 0) collect(document.contents, '');
  return facts;
}
