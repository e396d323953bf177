import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { observationsFile } from '../../../src/captures/observations.ts';
import { writeRecording } from './record.ts';
import type { World } from './world.ts';

/** A project on disk that is removed with the scope it was made in. */
export interface RecordedWorld extends Disposable {
  root: string;
}

/** A project as a recording of a world leaves it: layers.yaml and the observations as they are committed. */
export function projectOf(world: World): RecordedWorld {
  const root = mkdtempSync(join(tmpdir(), 'dpv-world-'));
  writeRecording(root, world);
  mkdirSync(join(root, 'captures'), { recursive: true });
  cpSync(observationsFile, join(root, observationsFile));
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
