import type { FormatId } from '../../src/formats/index.ts';
import { parseOutput } from '../../src/formats/index.ts';
import type { Subject } from '../../src/model/subject.ts';
import type { SideId } from '../../src/recipe/schema.ts';

/** An output for a test: `layer-row` names it. */
export function subject(side: SideId, name: string, format: FormatId, text: string): Subject {
  const [layer = '', ...row] = name.split('-');
  return { key: `${side}/${name}`, side, layer, row: row.join('-'), text, parsed: parseOutput(format, text) };
}
