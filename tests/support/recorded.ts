import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accept } from '../../scripts/check/rewrite.ts';

/**
 * A project after a recording: V1 as the recorder wrote it on the test cluster, V2 as published, the recipe and the
 * observations of the project as they stand, and the verdicts accepted.
 * @returns its root, to be removed by the caller, and what `--accept` said
 */
export function recordedProject(): { root: string; accepted: string } {
  const root = mkdtempSync(join(tmpdir(), 'dpv-recorded-'));
  cpSync('tests/fixtures/recorded', root, { recursive: true });
  cpSync('layers.yaml', join(root, 'layers.yaml'));
  cpSync('captures/observations.yaml', join(root, 'captures/observations.yaml'));
  cpSync('captures/v2', join(root, 'captures/v2'), { recursive: true });
  return { root, accepted: accept(root) };
}
