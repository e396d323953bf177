import type { Area } from './facts.ts';

/** Something that has another meaning in the later recording. */
export interface Change {
  area: Area;
  what: string;
  /** The output it was read from, where it is one. */
  capture?: string;
  /** Absent where the earlier recording says nothing of it. */
  before?: string;
  after?: string;
}
