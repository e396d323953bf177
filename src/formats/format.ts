import type { LanguageRegistration } from 'shiki/types';
import type { Field } from './field.ts';
import type { Shape } from './shape.ts';

/**
 * Everything the project knows of one kind of output. A format is one file with this as its default export, and one line
 * in registry.ts; all that reads, compares, highlights, records or measures outputs asks there.
 */
export interface Format<Parsed extends { format: string }> {
  /**
   * Reads an output.
   * @param text the decoded body of a capture
   * @throws {FormatError} naming the line that is not what the format prints; nothing else is thrown, whatever the text
   */
  parse: (text: string) => Parsed;
  /** Every value of a parsed output with its place in the text and in the meaning. */
  fields: (parsed: Parsed) => Field[];
  /** TextMate grammar for highlighting, or the name of one that Shiki bundles; none leaves the text plain. */
  grammar: LanguageRegistration | 'yaml' | 'none';
  /** Which parts of a path are members of a collection; decides what is compared with what. */
  shape: Shape;
  /**
   * Why an output cannot be whole; undefined where nothing speaks against it. `any-text` where every text is.
   * Asked by the recorder of what ends with a line feed and holds no NUL.
   */
  incompleteness: ((output: Ends) => string | undefined) | 'any-text';
  /**
   * What an output without a line says, where that is an answer: a list of connections that holds none. Without it an
   * empty output is refused, by the recorder too.
   */
  empty?: Parsed;
  /** What the benchmark grows a long output from. */
  sample: Sample;
}

/** The ends of an output; a large one is decoded whole only when asked for. */
export interface Ends {
  /** The first 256 KiB at most. */
  head: string;
  /** The last 64 KiB at least, or everything there is. */
  tail: string;
  whole: () => string;
}

/** A fixture, and how it is repeated. */
export interface Sample {
  /** `<format>--<case>.out` among the fixtures, or a path from the root for a capture. */
  from: string;
  /** How many of its first lines stand once at the top. */
  head: number;
  /** What is repeated, where it is not the rest of the fixture. */
  repeat?: string;
  /** What stands before each repetition. */
  between?: string;
  /** The share of the usual sizes it is measured with, where the parser refuses longer texts. */
  share?: number;
}

/** A grammar as it stands in a JSON file. */
export function grammar(json: unknown): LanguageRegistration {
  return json as LanguageRegistration;
}

/** For a table: its first line has to be a heading, with a row below it. */
export function headed(pattern: RegExp, name: string): (output: Ends) => string | undefined {
  return ({ head }) => {
    if (!pattern.test(head)) return `the table has no header: ${name} is missing`;
    return head.trimEnd().includes('\n') ? undefined : 'the table has no row';
  };
}

/** For outputs of like lines: every line of the beginning has to fit. */
export function everyLine(pattern: RegExp, problem: string): (output: Ends) => string | undefined {
  return ({ head }) => {
    // The text may be the start of a larger one: the line it was cut in is not judged.
    const lines = head.slice(0, head.lastIndexOf('\n')).split('\n');
    const wrong = lines.findIndex((line) => !pattern.test(line));
    return wrong < 0 ? undefined : `${problem} (line ${wrong + 1})`;
  };
}
