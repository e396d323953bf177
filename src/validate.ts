import type * as z from 'zod';
import { quote } from './problem.ts';

/** One zod issue in our own words, with the key path it is about. */
export interface Complaint {
  path: readonly PropertyKey[];
  expected: string;
  found: string;
}

const TYPES: Record<string, string> = {
  object: 'a mapping of keys to values',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], root);
}

/** What stands at a key path; mappings and lists are named, not printed. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === 'object') return 'a mapping';
  return value === null ? 'an empty value' : quote(value);
}

/** `path` as a person would write it: `layers.3.captures.0.format`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}

/**
 * Turns zod's issues into complaints with one voice: what was expected, what stands there.
 * An issue about several unknown keys becomes one complaint per key.
 * @param error result of a failed `safeParse`
 * @param input what was parsed
 */
export function complaints(error: z.ZodError, input: unknown): Complaint[] {
  return error.issues.flatMap((issue): Complaint[] => {
    const { path } = issue;
    const found = describe(valueAt(input, path));
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => ({
          path: [...path, key],
          expected: 'a known key',
          found: `the unknown key ${quote(key)}`,
        }));
      case 'invalid_value':
        return [
          {
            path,
            expected: `${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`,
            found,
          },
        ];
      case 'invalid_key':
        return [
          { path: path.slice(0, -1), expected: issue.issues[0]?.message ?? issue.message, found: quote(path.at(-1)) },
        ];
      case 'invalid_type':
        return [{ path, expected: TYPES[issue.expected] ?? issue.expected, found }];
      default:
        return [{ path, expected: issue.message, found }];
    }
  });
}
