import { type Citation, joined } from '../../model/citation.ts';
import type { Subject } from '../../model/subject.ts';
import type { SideId } from '../../recipe/schema.ts';
import type { Role } from '../types.ts';

/** Where a finding is said: of a layer, or of one of its rows; on one side, or on both where it compares them. */
export interface About {
  layer: string;
  /** Id of the row in layers.yaml. */
  row?: string;
  side?: SideId;
}

/** Something the outputs show, as data: `kind` says what, the other keys by which values, `places` where they stand. */
export interface FindingOf<Kind extends string> {
  kind: Kind;
  about: About;
  /** The lines it rests on. */
  places: Citation[];
}

/** A value of the trace with its role, so that it can be shown in its colour. */
export interface Named {
  value: string;
  role: Role;
  side: SideId;
}

/** Said of one output. */
export function aboutOutput({ layer, row, side }: Pick<Subject, 'layer' | 'row' | 'side'>): Required<About> {
  return { layer, row, side };
}

/** The lines that some requests or samples rest on. */
export function evidenceOf(all: readonly { evidence: Citation }[]): Citation[] {
  return joined(all.map(({ evidence }) => evidence));
}
