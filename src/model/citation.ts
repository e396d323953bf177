import { linesOf } from '../formats/types.ts';
import type { Occurrence, Subject } from './subject.ts';

/** Lines of an output that a statement rests on. */
export interface Citation {
  /** `v1/l6-local-failover` */
  capture: string;
  /** First and last line, 1-based, both included. */
  from: number;
  to: number;
  /** The lines as they stand, with line feeds between them. */
  text: string;
}

/** Stands where a result would, had its output been captured. */
export interface NotCaptured {
  captured: false;
  /** A sentence: what is missing. */
  why: string;
}

/** Cites lines of one output. */
export type Cite = (from: number, to?: number) => Citation;

/** Makes the function that cites the lines of an output. */
export function citing(subject: Subject): Cite {
  const lines = linesOf(subject.text);
  return (from, to = from) => ({
    capture: subject.key,
    from,
    to,
    text: lines
      .slice(from - 1, to)
      .map(({ value }) => value)
      .join('\n'),
  });
}

/** The lines on which places stand, in order without repetition. */
export function citationsOf(subjects: readonly Subject[], places: readonly Occurrence[]): Citation[] {
  const cites = new Map(subjects.map((subject) => [subject.key, citing(subject)]));
  return joined(places.flatMap(({ capture, line }) => cites.get(capture)?.(line) ?? []));
}

/** The 1-based line at an offset of the text. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let feed = text.indexOf('\n'); feed >= 0 && feed < offset; feed = text.indexOf('\n', feed + 1)) line++;
  return line;
}

/** Citations in order without repetition, neighbouring lines of an output joined. */
export function joined(evidence: readonly Citation[]): Citation[] {
  const all: Citation[] = [];
  const sorted = [...evidence].sort((a, b) =>
    a.capture < b.capture ? -1 : a.capture > b.capture ? 1 : a.from - b.from,
  );
  for (const next of sorted) {
    const last = all.at(-1);
    if (last?.capture === next.capture && next.from <= last.to + 1) {
      if (next.to <= last.to) continue;
      const more = next.text.split('\n').slice(last.to + 1 - next.from);
      all[all.length - 1] = { ...last, to: next.to, text: [last.text, ...more].join('\n') };
    } else {
      all.push(next);
    }
  }
  return all;
}
