import type { Citation } from '../../model/citation.ts';

/** Who may want to reach the target. */
export interface PolicySource {
  /** `pod/client-allowed`, `reserved/world`, `other/same-namespace`; stable. */
  id: string;
  kind: 'pod' | 'reserved' | 'other-pods';
  /** Name of the pod or of the reserved identity, or words for the other pods. */
  name: string;
  /** Number of its identity, where it is known. */
  identity?: string;
  /** Its labels as far as known. */
  labels: ReadonlyMap<string, string>;
  /** True where it has no other labels. */
  complete: boolean;
  /** False for pods of other namespaces than the target's. */
  sameNamespace: boolean;
  /** Where name, identity and labels stand. */
  evidence: Citation[];
}

/** What is known of a question. */
export type Answer = 'yes' | 'no' | 'unknown';

/** Yes where all are, no where one is not. */
export function every(answers: Iterable<Answer>): Answer {
  let all: Answer = 'yes';
  for (const answer of answers) {
    if (answer === 'no') return 'no';
    if (answer === 'unknown') all = 'unknown';
  }
  return all;
}

/** Yes where one is, no where none is. */
export function some(answers: Iterable<Answer>): Answer {
  let any: Answer = 'no';
  for (const answer of answers) {
    if (answer === 'yes') return 'yes';
    if (answer === 'unknown') any = 'unknown';
  }
  return any;
}

/** Whether a source has a label: unknown where its labels are not all known. */
export function hasLabel({ labels, complete }: PolicySource, key: string, value: string): Answer {
  const known = labels.get(key);
  if (known !== undefined) return known === value ? 'yes' : 'no';
  return complete ? 'no' : 'unknown';
}

/** What a rule or an observation says of one source. */
export interface PolicyCell {
  verdict: 'allowed' | 'denied' | 'unknown';
  /** `observed` where traffic was seen, `predicted` where only a rule says so, `none` where nothing is known. */
  basis: 'observed' | 'predicted' | 'none';
  /** One sentence: why. */
  why: string;
  evidence: Citation[];
}
