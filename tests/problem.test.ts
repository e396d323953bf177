import { expect, test } from 'vitest';
import { formatProblem } from '../src/problem.ts';

const problem = { file: 'layers.yaml', line: 3, subject: 'layer l1', expected: 'a', found: 'b', fix: 'Correct it.' };

test('a problem is one line with its place', () => {
  expect(formatProblem(problem)).toBe('layers.yaml:3: layer l1: expected a; found b. Correct it.');
});

test('whatever is too long is cut, but never the place or what to do next', () => {
  const long = 'x'.repeat(10_000);
  for (const parts of [
    { found: long },
    { expected: long },
    { subject: long },
    { subject: long, expected: long, found: long },
  ]) {
    const text = formatProblem({ ...problem, ...parts });
    expect(text.length).toBeLessThan(600);
    expect(text).toMatch(/^layers\.yaml:3: .*…/);
    expect(text.endsWith('. Correct it.')).toBe(true);
  }
  const fits = { ...problem, found: 'x'.repeat(600 - 1 - formatProblem({ ...problem, found: '' }).length) };
  expect(formatProblem(fits)).toContain(fits.found);
});
