import { existsSync, readFileSync } from 'node:fs';
import { bodyText, decodeCapture } from '../../src/captures/file.ts';
import { parseOutput } from '../../src/formats/index.ts';
import type { Subject } from '../../src/model/subject.ts';
import { loadRecipe, plannedCaptures } from '../../src/recipe/load.ts';
import type { Edit } from './edited-outputs.ts';

/** V1 as the recorder wrote it on the test cluster, parsed, with changes; each change must change something. */
export function recordedV1(...edits: Edit[]): Subject[] {
  return plannedCaptures(loadRecipe('.', { recording: true })).flatMap(({ key, side, layer, row, format }) => {
    const file = `tests/fixtures/counted/captures/${key}.txt`;
    if (!existsSync(file)) return [];
    const { header, body } = decodeCapture(readFileSync(file), file);
    const text = edits
      .filter(([edited]) => edited === key)
      .reduce((before, [, from, to]) => {
        const after = before.replace(from, to);
        if (after === before) throw new Error(`${key} has no ${from}`);
        return after;
      }, bodyText(body));
    return [{ key, side, layer, row, text, parsed: parseOutput(format, text), where: header?.where }];
  });
}
