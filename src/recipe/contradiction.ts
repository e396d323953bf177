import type { Problem } from '../problem.ts';

/** A problem that several keys make together; `keys` is where it is shown. */
export type Contradiction = Omit<Problem, 'file' | 'line' | 'subject'> & { keys: PropertyKey[] };
