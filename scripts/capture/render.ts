import { quote } from 'shescape/stateless';
import { placeholders, type Variable } from '../../src/recipe/command.ts';

/** What was found in the cluster; a variable the cluster lacks is absent. */
export type Values = Partial<Record<Variable, string>>;

/** Characters no POSIX shell treats specially anywhere in a word. */
const PLAIN = /^[A-Za-z0-9%+,./:=@_-]+$/;

/** One word of a command line: as it is where it is plain, else quoted for a POSIX shell. */
export function word(value: string): string {
  // flagProtection would drop leading hyphens and so change the value.
  return PLAIN.test(value) ? value : quote(value, { shell: 'bash', flagProtection: false });
}

/** Variables of a command line that `values` lacks. */
export function missingVariables(command: string, values: Values): Variable[] {
  return placeholders(command)
    .map(({ name }) => name as Variable)
    .filter((name) => values[name] === undefined);
}

/**
 * A command line with its variables filled in and quoted, so that a value can never be more than part of a word.
 * A variable without a value stays as `{{name}}`, which is how a dry run shows it.
 */
export function render(command: string, values: Values): string {
  let text = '';
  let at = 0;
  for (const { name, start, end } of placeholders(command)) {
    const value = values[name as Variable];
    text += command.slice(at, start) + (value === undefined ? command.slice(start, end) : word(value));
    at = end;
  }
  return text + command.slice(at);
}
