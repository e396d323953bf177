/** The published captures as subjects, and subjects made of other texts. */

import type { FormatId } from '../../src/formats/index.ts';
import { parseOutput } from '../../src/formats/index.ts';
import type { Subject } from '../../src/model/subject.ts';
import type { SideId } from '../../src/recipe/schema.ts';
import { buildReport } from '../../src/report/report.ts';

/** Every output that was published. */
export const published: readonly Subject[] = buildReport('.').captures.map(
  ({ key, layer, row, side, format, stored }) => {
    const text = stored?.text ?? '';
    return { key, side, layer, row, text, parsed: parseOutput(format, text) };
  },
);

/** The published output of a key, such as `v1/l6-cluster-mode`. */
export function publishedOf(key: string): Subject {
  const found = published.find((subject) => subject.key === key);
  if (!found) throw new Error(`no published capture ${key}`);
  return found;
}

/** A subject of another text. */
export function subjectOf(key: string, format: FormatId, text: string): Subject {
  const [, side, layer, row] = /^(v[12])\/(l\d)-(.+)$/.exec(key) ?? [];
  if (!side || !layer || !row) throw new Error(`not a key: ${key}`);
  return { key, side: side as SideId, layer, row, text, parsed: parseOutput(format, text) };
}

/** A subject of the published text of a key with something replaced; throws where nothing was. */
export function edited(key: string, format: FormatId, from: string | RegExp, to: string): Subject {
  const { text } = publishedOf(key);
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${String(from)} does not stand in ${key}`);
  return subjectOf(key, format, changed);
}

/** The published captures with some replaced by others of the same key, and some left out. */
export function withOthers(others: readonly Subject[], without: readonly string[] = []): Subject[] {
  return published
    .filter(({ key }) => !without.includes(key))
    .map((subject) => others.find(({ key }) => key === subject.key) ?? subject);
}
