import { expect, test } from 'vitest';
import { type Cited, citesHtml, linesAttribute } from '../../src/wording/cites.ts';

const at = (capture: string, from: number, to = from): Cited => ({ capture, from, to });

test('lines of an output stand in order and each once, those that follow each other as one piece', () => {
  const places = [at('v1/l4', 81), at('v1/l4', 29, 30), at('v1/l4', 82), at('v1/l4', 30), at('v2/l8', 6)];
  expect(linesAttribute(...places)).toBe('v1/l4:29-30,81-82 v2/l8:6');
  expect(citesHtml(places, (capture) => capture).text).toBe(
    ' <a class="cite" href="#v1-l4" data-lines="v1/l4:29-30,81-82" data-side="v1">V1 v1/l4: 4 lines</a>' +
      ' <a class="cite" href="#v2-l8" data-lines="v2/l8:6" data-side="v2">V2 v2/l8: line 6</a>',
  );
});

test('no places are no attribute', () => {
  expect(linesAttribute()).toBeUndefined();
});

test('an address names at most 40 pieces', () => {
  const places = Array.from({ length: 100 }, (_, index) => at('v1/l4', 2 * index + 1));
  expect(linesAttribute(...places)?.split(',')).toHaveLength(40);
});
