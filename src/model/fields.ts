import type { Field } from '../formats/field.ts';
import { fieldsOf, type ParsedOutput } from '../formats/index.ts';
import type { Subject } from './subject.ts';

const read = new WeakMap<ParsedOutput, readonly Field[]>();

/** A value in its usual notation. */
export function meaning({ value, means }: Field): string {
  return means ?? value;
}

/** The fields of an output, computed once for each parsed output. */
export function fieldsIn({ parsed }: Pick<Subject, 'parsed'>): readonly Field[] {
  let fields = read.get(parsed);
  if (!fields) {
    fields = fieldsOf(parsed);
    read.set(parsed, fields);
  }
  return fields;
}

/**
 * The fields of sockets in a state other than LISTEN (include/net/tcp_states.h): a request that is under way, or that
 * ended within the last minute and left its TIME_WAIT.
 */
export function momentaryFields(subject: Pick<Subject, 'parsed'>): ReadonlySet<Field> {
  const { parsed } = subject;
  if (parsed.format !== 'pod-network') return new Set();
  const lines = parsed.tables
    .flatMap(({ sockets }) => sockets)
    .filter(({ stateName }) => stateName !== 'LISTEN')
    .map(({ slot, inode, internals }) => ({ start: slot.start, end: (internals.at(-1) ?? inode).end }));
  if (lines.length === 0) return new Set();
  return new Set(fieldsIn(subject).filter((at) => lines.some(({ start, end }) => at.start >= start && at.end <= end)));
}
