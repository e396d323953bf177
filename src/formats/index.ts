import type { Field } from './field.ts';
import type { Ends, Format } from './format.ts';
import * as registry from './registry.ts';
import type { Segment } from './shape.ts';

/** Name of a kind of output. */
export type FormatId = keyof typeof registry;

/** Every kind of output the project can read, in the order of the alphabet. */
export const formatIds = Object.keys(registry) as [FormatId, ...FormatId[]];

/** What each format is parsed to; `format` tells them apart. */
type Outputs = { [Id in FormatId]: ReturnType<(typeof registry)[Id]['parse']> };

/** A parsed output, told apart by `format`. */
export type ParsedOutput = Outputs[FormatId];

const formats: Readonly<Record<string, unknown>> = { ...registry };

/** Everything known of a format. */
export function formatOf<Id extends FormatId>(id: Id): Format<Outputs[Id]> {
  return formats[id] as Format<Outputs[Id]>;
}

/**
 * Parses an output; one without a line says what its format calls empty, if that is an answer.
 * @param text the decoded body of a capture
 * @throws {FormatError} naming the line that is not what the format prints; nothing else is thrown, whatever the text
 */
export function parseOutput<Id extends FormatId>(id: Id, text: string): Outputs[Id] {
  const { empty, parse } = formatOf(id);
  return empty !== undefined && !/[^ \t\r\n]/.test(text) ? empty : parse(text);
}

/**
 * Every value of an output with its place in the text and in the meaning: in text order, without overlap, each path
 * once (a path that comes again gets `#2`, `#3`, … behind its last part).
 */
export function fieldsOf<Id extends FormatId>(parsed: Outputs[Id] & { format: Id }): Field[] {
  const fields = formatOf(parsed.format)
    .fields(parsed)
    .filter(({ value }) => value !== '');
  fields.sort((a, b) => a.start - b.start);
  const seen = new Map<string, number>();
  return fields.map((field) => {
    const name = field.path.join('\u0000');
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    if (times === 1) return field;
    return { ...field, path: [...field.path.slice(0, -1), `${field.path.at(-1)}#${times}`] };
  });
}

/** The parts of a path with how they are held. */
export function segmentsOf(id: FormatId, path: readonly string[]): Segment[] {
  return formatOf(id).shape(path);
}

/** Why an output of a format cannot be whole; undefined where nothing speaks against it. */
export function incompletenessOf(id: FormatId, output: Ends): string | undefined {
  const { incompleteness } = formatOf(id);
  return incompleteness === 'any-text' ? undefined : incompleteness(output);
}
