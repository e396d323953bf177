import { bodyText } from '../../src/captures/file.ts';
import { type FormatId, formatOf, incompletenessOf } from '../../src/formats/index.ts';
import type { Output } from './output.ts';

/**
 * Why an output cannot be whole; undefined where nothing speaks against it.
 * A stream that breaks off may still end with exit code 0 (kubectl exec over a WebSocket that closes without a
 * status), so the output itself has to show that it is whole.
 */
export function incompleteness(format: FormatId, body: Output): string | undefined {
  const { empty, incompleteness: judge } = formatOf(format);
  if (body.length === 0) return empty === undefined ? 'the output is empty' : undefined;
  if (judge === 'any-text') return undefined;
  for (const block of body.blocks()) if (block.includes(0)) return 'the output is binary: it contains a NUL byte';
  if (body.tail().at(-1) !== 10) return 'the output breaks off in the middle of its last line';
  // Only the ends of a large output are decoded; what makes it whole stands there.
  return incompletenessOf(format, {
    head: bodyText(body.head()),
    tail: bodyText(body.tail()),
    whole: () => bodyText(body.bytes()),
  });
}
