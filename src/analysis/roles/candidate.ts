import type { Field } from '../../formats/field.ts';
import type { Subject } from '../../model/subject.ts';
import type { Role } from '../types.ts';

/** One place that says what a value is. */
export interface Candidate {
  role: Role;
  value: string;
  how: string;
  /**
   * What there can be only one of: the family of an address, the Service port of a NodePort. Where places disagree,
   * the value that most of them name is taken, so that one wrong number does not become a second truth.
   */
  key?: string;
  /** Values of one group are interchangeable across the sides. */
  group: string;
}

/** The value in its usual notation. */
export function meaning({ value, means }: Field): string {
  return means ?? value;
}

/** `4` or `6` for an address. */
export function familyOf(address: string): '4' | '6' {
  return address.includes(':') ? '6' : '4';
}

/** What a pod is a replica of: its name without the generated ending. */
export function baseOf({ value, parts }: Field): string {
  return parts?.[0]?.value ?? value;
}

/** `EXTERNAL-IP of svc/nginx in v1/l1-service-ips`. */
export function told(what: string, of: string, subject: Subject): string {
  return `${what} of ${of} in ${subject.key}`;
}
