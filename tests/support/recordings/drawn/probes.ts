import type { Probe, Request } from '../world.ts';
import type { Draw } from './draw.ts';

const MILLISECOND = 1000;
const SECOND = 1000 * MILLISECOND;

/** A probe: as many requests as the recipe sends or another number, with any pattern of outcomes and times. */
export function drawProbe(draw: Draw, usual: number, heading: { title?: string }): Probe {
  const count = draw.way([12, () => usual], [2, () => 1], [2, () => draw.int(2, 30)], [1, () => draw.int(99, 120)]);
  const usualTime = draw.way(
    [4, () => draw.int(50, 150) * MILLISECOND],
    [2, () => draw.int(1, 50) * MILLISECOND],
    [1, () => draw.int(200, 400)],
    [1, () => draw.int(150, 900) * MILLISECOND],
  );
  const jitter = () => draw.int(0, Math.ceil(usualTime * 0.15));
  const slow = draw.way([4, () => 0], [2, () => 0.3], [1, () => 1]);
  const odd = draw.of(['200', '200', '200', '200', '503', '404', '301']);
  const answer = (): Request => ({
    status: draw.chance(0.1) ? odd : '200',
    // A SYN that is lost is sent again after whole seconds.
    took: usualTime + jitter() + (slow > 0 && draw.chance(slow) ? draw.of([1, 1, 2, 3, 4]) * SECOND : 0),
  });
  const timeout = (): Request => ({ status: '000', took: 6 * SECOND + draw.int(100, 7000) });
  const refusal = (): Request => ({ status: '000', took: Math.ceil(usualTime / 2) + jitter() });
  const failure = draw.way(
    [3, () => timeout],
    [3, () => refusal],
    [1, () => () => (draw.chance(0.5) ? timeout() : refusal())],
  );
  const fails = drawPattern(draw, count);
  return { ...heading, requests: fails.map((failed) => (failed ? failure() : answer())) };
}

/** Which requests of a probe fail. */
function drawPattern(draw: Draw, count: number): boolean[] {
  const all = (test: (index: number) => boolean) => Array.from({ length: count }, (_, index) => test(index));
  const turn = draw.int(1, count);
  const share = draw.int(1, 9) / 10;
  return draw.way(
    [5, () => all(() => false)],
    [2, () => all(() => true)],
    [2, () => all((index) => index < turn)],
    [1, () => all((index) => index >= turn)],
    [1, () => all((index) => index % 2 === 0)],
    [1, () => all((index) => index === turn - 1)],
    [4, () => all(() => draw.chance(share))],
  );
}
