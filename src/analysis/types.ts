import type { Occurrence } from '../model/subject.ts';
import type { SideId, Verdict } from '../recipe/schema.ts';
import type { RuleId } from './compare/rules.ts';

/** What a value is in the trace of the Service. */
export const roles = [
  'vip',
  'cluster-ip',
  'node-port',
  'pod-ip',
  'pod',
  'node',
  'chain',
  'identity',
  'forwarding-rule',
  'client-ip',
  'node-ip',
] as const;
/** What a value is in the trace of the Service. */
export type Role = (typeof roles)[number];

/** A value with a role on one side, and every place where it stands. */
export interface RoleValue {
  role: Role;
  side: SideId;
  /** In its usual notation: `80`, not `0050`. */
  value: string;
  /** How the role is known, in words: `EXTERNAL-IP of svc/nginx in v1/l1-service-ips`. */
  how: string;
  /** Its counterparts on the other side: one where the match is certain, several where they are interchangeable. */
  counterpart: string[];
  occurrences: Occurrence[];
}

/** Two values, one of each side, that were taken for the same. */
export interface Matched {
  /** Where they stand in the meaning, for example `nginx / CLUSTER-IP`. */
  path: string;
  v1: string;
  v2: string;
  /** `equal`, a role (`cluster-ip`), or the id of the rule that set the difference aside (`age`, `order`, …). */
  by: string;
}

/** What is left after matching. A side without a value has nothing at that place. */
export interface Difference {
  path: string;
  v1?: { text: string; at: Occurrence };
  v2?: { text: string; at: Occurrence };
  /** What it means, in words. */
  what: string;
}

/** How many values of a row compare in which way. */
export interface RowCounts {
  /** Pairs of values, and values that one side alone has. */
  values: number;
  equal: number;
  /** Matched because they play the same part in the trace, in the order of the roles. */
  byRole: { role: Role; count: number }[];
  /** Set aside by a declared rule, most first. */
  aside: { rule: RuleId; count: number }[];
  different: number;
}

/** The verdict on one row with its reasons. */
export interface RowVerdict {
  layer: string;
  row: string;
  verdict: Verdict;
  /** One sentence: why. */
  why: string;
  matched: Matched[];
  differences: Difference[];
  /** The same, counted. */
  counts: RowCounts;
  /** Ids of the normalisation rules that were applied, each documented in compare.ts. */
  rules: string[];
  /** Remarks that do not decide the verdict, such as named outliers of a probe. */
  notes: string[];
  /** Where two kinds of output were compared by what they map: do the frontends lead to the same backends? */
  mapping?: 'same' | 'different';
}

/** The verdict on a layer, from its rows. */
export interface LayerVerdict {
  layer: string;
  verdict: Verdict;
  why: string;
}

/** The outcome of one cross-check inside a side. */
export interface Check {
  /** `v1/endpoints-agree`; stable, used in addresses. */
  id: string;
  side: SideId;
  /** What is checked, as a sentence: `Endpoints, EndpointSlice and describe name the same pods`. */
  title: string;
  status: 'holds' | 'broken' | 'not-comparable';
  /** Why, in words with the values that decided. */
  why: string;
  /** The places that were compared. */
  evidence: Occurrence[];
}
