import { fieldsIn } from '../model/fields.ts';
import type { Subject } from '../model/subject.ts';
import { type Problem, ProblemsError, quote } from '../problem.ts';
import type { ProseEntry } from '../recipe/prose.ts';
import { examples } from '../words.ts';
import { ClaimError, numberInWords, type ProseContext } from './claims/data.ts';
import { functions, type Parameter } from './claims/functions.ts';
import { type Call, GrammarError, type Piece, piecesOf } from './claims/grammar.ts';

export type { ProseContext } from './claims/data.ts';

/** A piece of rendered prose. */
export interface ProsePart {
  text: string;
  /** True between backticks. */
  code: boolean;
  /** Where the text comes from: the expression that gave it, or the source it is marked with. */
  from?: { kind: 'expression' | 'source'; text: string };
}

/** Where a prose stands; decides file and line of its problems. */
export interface ProsePlace {
  subject?: string;
  line?: number;
  lineOf?: (piece: string) => number;
}

const FILE = 'layers.yaml';

/**
 * Renders prose: each expression is replaced by what the data say, each mark by its text.
 * @throws {ProblemsError} with one problem: an expression that cannot be read, an unknown function, wrong arguments, or
 * data that are not there
 */
export function renderProse(prose: string, context: ProseContext, place: ProsePlace = {}): string {
  return parsed(prose, place)
    .map((piece) => (piece.kind === 'call' ? answer(piece.call, piece.source, context, place) : piece.text))
    .join('');
}

/**
 * Renders prose to pieces, so that a page can show where a number comes from.
 * @throws {ProblemsError} as {@link renderProse}
 */
export function proseParts(prose: string, context: ProseContext, place: ProsePlace = {}): ProsePart[] {
  const pieces = parsed(prose, place);
  const parts: ProsePart[] = [];
  let code = false;
  for (const piece of pieces) {
    if (piece.kind === 'text') {
      for (const [index, text] of piece.text.split('`').entries()) {
        if (index > 0) code = !code;
        if (text !== '') parts.push({ text, code });
      }
    } else if (piece.kind === 'marked') {
      parts.push({ text: piece.text, code, from: { kind: 'source', text: piece.origin } });
    } else {
      const text = answer(piece.call, piece.source, context, place);
      parts.push({ text, code, from: { kind: 'expression', text: piece.source.slice(2, -2).trim() } });
    }
  }
  return parts;
}

function parsed(prose: string, place: ProsePlace): Piece[] {
  try {
    return piecesOf(prose);
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    throw problemAt(place, error.source, {
      expected: error.expected,
      found: quote(error.source),
      fix: 'Correct the expression; src/analysis/claims/functions.ts lists the functions.',
    });
  }
}

function problemAt(place: ProsePlace, piece: string, rest: Pick<Problem, 'expected' | 'found' | 'fix'>): ProblemsError {
  const line = place.lineOf?.(piece) ?? place.line;
  return new ProblemsError([
    {
      file: FILE,
      ...(line === undefined ? {} : { line }),
      ...(place.subject === undefined ? {} : { subject: place.subject }),
      ...rest,
    },
  ]);
}

function answer({ name, args, style }: Call, source: string, context: ProseContext, place: ProsePlace): string {
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (!known)
    throw problemAt(place, source, {
      expected: `one of the functions ${Object.keys(functions).join(', ')}`,
      found: quote(name),
      fix: 'Correct the name.',
    });
  const { parameters } = known;
  const fits =
    args.length <= parameters.length &&
    parameters.every(({ type, optional }, index) => {
      const value = args[index];
      return value === undefined ? optional === true : typeof value === (type === 'text' ? 'string' : 'number');
    });
  if (!fits)
    throw problemAt(place, source, {
      expected: `${name}(${parameters.map(parameterText).join(', ')})`,
      found: quote(source),
      fix: 'Correct the arguments: texts stand in quotes, numbers do not.',
    });
  try {
    const value = known.run(context, ...(args as never[]));
    return style ? numberInWords(value, style) : String(value);
  } catch (error) {
    if (!(error instanceof ClaimError)) throw error;
    const { expected, found, fix } = error;
    throw problemAt(place, source, { expected: `${expected} for ${source}`, found, fix });
  }
}

function parameterText({ name, type, optional }: Parameter): string {
  const text = type === 'text' ? `'${name}'` : name;
  return optional ? `[${text}]` : text;
}

/** How many expressions a recipe holds. */
export function expressionCount(entries: readonly ProseEntry[]): number {
  return entries.reduce((sum, { text }) => sum + text.split('{{').length - 1, 0);
}

/** Everything wrong with the expressions of a recipe, in file order. */
export function proseProblems(entries: readonly ProseEntry[], context: ProseContext): Problem[] {
  return entries.flatMap((entry) => {
    const pieces = orProblems(() => parsed(entry.text, entry));
    if ('problems' in pieces) return pieces.problems;
    return pieces.value.flatMap((piece) => {
      const answered = orProblems(() => piece.kind === 'call' && answer(piece.call, piece.source, context, entry));
      return 'problems' in answered ? answered.problems : [];
    });
  });
}

function orProblems<Value>(run: () => Value): { value: Value } | { problems: readonly Problem[] } {
  try {
    return { value: run() };
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return { problems: error.problems };
  }
}
