import type { Role, RoleValue } from '../analysis/types.ts';

/** What the page's script knows of a value; the places of the value are the marks in the page. */
export interface FollowedValue {
  role: string;
  label: string;
  side: string;
  text: string;
  /** How its role is known, in words. */
  how: string;
  /** Numbers of its counterparts in the list. */
  others: number[];
}

/**
 * The values that can be followed, in the order of their numbers.
 * @param label a role in words
 * @param nameOf an output's name by its key
 */
export function followedValues(
  values: readonly RoleValue[],
  label: (role: Role) => string,
  nameOf: (capture: string) => string,
): FollowedValue[] {
  return values.map(({ role, side, value, how, counterpart }) => ({
    role,
    label: label(role),
    side,
    text: value,
    how: how.replaceAll(/\bv[12]\/[\w-]+/g, nameOf),
    others: counterpart
      .map((other) => values.findIndex((one) => one.side !== side && one.role === role && one.value === other))
      .filter((number) => number >= 0),
  }));
}
