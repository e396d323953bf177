import type { Field } from '../formats/field.ts';
import { fieldsOf, type ParsedOutput } from '../formats/index.ts';
import type { Subject } from './types.ts';

const read = new WeakMap<ParsedOutput, readonly Field[]>();

/** The fields of an output, computed once for each parsed output. */
export function fieldsIn({ parsed }: Pick<Subject, 'parsed'>): readonly Field[] {
  let fields = read.get(parsed);
  if (!fields) {
    fields = fieldsOf(parsed);
    read.set(parsed, fields);
  }
  return fields;
}
