import { shortened } from './words.ts';

/**
 * What is wrong with an input, said so that a maintainer can act on it.
 * Every check of the recipe and the captures reports through this one type,
 * so that the command line, the build and the dev overlay say the same words.
 */
export interface Problem {
  /** Path relative to the project root, for example `captures/v1/l4-iptables-nat.txt`. */
  file: string;
  /** 1-based line in that file, where one can be named. */
  line?: number;
  /** Layer, side, capture or key path the problem belongs to. */
  subject?: string;
  /** What should stand there. */
  expected: string;
  /** What stands there instead. */
  found: string;
  /** What to do next, as an instruction. */
  fix: string;
}

/** Control and bidirectional characters could rewrite the terminal line they are printed on. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text whose control characters are spelled out, so that no output can command the terminal it is printed on. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A value as it may appear inside a message: one line, at most 120 characters, no control characters. */
export function quote(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  const chars = [...printable(text)];
  return chars.length > 120 ? `${chars.slice(0, 119).join('')}…` : chars.join('');
}

/** Most characters of a problem as text, and of a part of it that had to be cut. */
const LONGEST = 599;
const KEPT = 100;

/** One problem as one line of text of less than 600 characters; what is too long is cut, what to do next never is. */
export function formatProblem(problem: Problem): string {
  const short = { ...problem };
  for (const part of ['found', 'expected', 'subject'] as const) {
    const over = lineOf(short).length - LONGEST;
    const text = short[part];
    if (over > 0 && text) short[part] = shortened(text, Math.max(KEPT, text.length - over));
  }
  return lineOf(short);
}

function lineOf(problem: Problem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  const subject = problem.subject ? `${problem.subject}: ` : '';
  return `${place}: ${subject}expected ${problem.expected}; found ${problem.found}. ${problem.fix}`;
}

/** Every problem of one input at once; the message is the whole list, one line each. */
export class ProblemsError extends Error {
  override readonly name = 'ProblemsError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.problems = problems;
  }
}
