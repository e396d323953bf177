import { isBlankLine, trim } from './cut.ts';
import type { Field } from './field.ts';
import type { Format } from './format.ts';
import { INDEX, sequence, shape } from './shape.ts';
import { type Line, linesOf } from './types.ts';
import { sentenceFields } from './values.ts';

/*
 * Text that is read as it stands, such as the first lines of a page. Everything is allowed, nothing is interpreted.
 */

/** An output line by line. */
export interface PlainText {
  format: 'plain';
  lines: Line[];
}

/** Splits the text into lines. Never throws: an empty output is plain text too. */
function parsePlain(text: string): PlainText {
  return { format: 'plain', lines: linesOf(text) };
}

/** One value for each line that is not blank, with the addresses in it apart. */
function plainFields({ lines }: PlainText): Field[] {
  return lines.flatMap((line) => (isBlankLine(line) ? [] : sentenceFields(trim(line), ['line', String(line.number)])));
}

export default {
  parse: parsePlain,
  fields: plainFields,
  grammar: 'none',
  shape: shape(sequence('line', INDEX)),
  incompleteness: 'any-text',
  sample: { from: 'addresses', head: 0 },
} satisfies Format<PlainText>;
