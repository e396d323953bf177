import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Output } from '../../../scripts/capture/output.ts';

test('gives back every byte, however it came in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_200_000 }), { maxLength: 4 }), (lengths) => {
      const chunks = lengths.map((length) => randomBytes(length));
      const output = new Output();
      for (const chunk of chunks) output.append(chunk);
      const whole = Buffer.concat(chunks);
      expect(output.length).toBe(whole.length);
      expect(output.bytes().equals(whole)).toBe(true);
      expect(output.head().equals(whole.subarray(0, output.head().length))).toBe(true);
      const tail = output.tail();
      expect(tail.length).toBeGreaterThanOrEqual(Math.min(whole.length, 65_536));
      expect(tail.equals(whole.subarray(whole.length - tail.length))).toBe(true);
      for (const block of output.blocks()) expect(block.length).toBeLessThanOrEqual(256 * 1024);
    }),
    { numRuns: 20 },
  );
});

test('an empty output has no blocks', () => {
  const output = new Output();
  expect([...output.blocks()]).toEqual([]);
  expect([output.head(), output.tail()].map(({ length }) => length)).toEqual([0, 0]);
  expect(output.text()).toBe('');
});
