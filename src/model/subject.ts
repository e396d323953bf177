import type { ParsedOutput } from '../formats/index.ts';
import type { SideId } from '../recipe/schema.ts';

/** One parsed output with where it belongs; what every analysis works on. */
export interface Subject {
  /** `v1/l4-iptables-nat` */
  key: string;
  side: SideId;
  /** `l4` */
  layer: string;
  /** Id of its row in layers.yaml. */
  row: string;
  /** The decoded body; all offsets point into it. */
  text: string;
  parsed: ParsedOutput;
  /** Where its command ran, as a recording says it: `node gke-test-pool-aaaa`. */
  where?: string | undefined;
}

/** A place in an output: 1-based line and column, length; column and length in UTF-16 code units. */
export interface Occurrence {
  capture: string;
  line: number;
  column: number;
  length: number;
  /** The same place as offsets into the decoded text, end exclusive. */
  start: number;
  end: number;
}
