import { rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { CAPTURES_DIR } from '../../src/captures/store.ts';
import { readJson, replaceFile } from './write.ts';

const unfinished = z.array(
  z.object({
    /** Holder of the Lease: machine and recording. */
    holder: z.string(),
    context: z.string(),
    namespace: z.string(),
    /** What would put the cluster back. */
    byHand: z.array(z.string()),
  }),
);
/** A recording that has begun to change a cluster and has not put it back. */
export type Unfinished = z.output<typeof unfinished>[number];

/** Recordings of this clone that did not come to put their cluster back, as the clone itself remembers them. */
export class Journal {
  readonly #file: string;

  /** @param root project root; its captures must be locked */
  constructor(root: string) {
    this.#file = join(root, CAPTURES_DIR, '.unfinished.json');
  }

  /** Empty where the file is missing or cannot be read. */
  entries(): Unfinished[] {
    const parsed = unfinished.safeParse(readJson(this.#file));
    return parsed.success ? parsed.data : [];
  }

  #write(entries: readonly Unfinished[]): void {
    if (entries.length > 0) replaceFile(this.#file, JSON.stringify(entries, null, 2));
    else rmSync(this.#file, { force: true });
  }

  /** Who held a Lease from this clone and has ended: with the lock of the clone held, nobody else records from it. */
  dead(): Set<string> {
    return new Set(this.entries().map(({ holder }) => holder));
  }

  /** Remembers a recording, or what has to be run by hand for it by now. */
  set(entry: Unfinished): void {
    this.#write([...this.entries().filter(({ holder }) => holder !== entry.holder), entry]);
  }

  /** Forgets a recording that changed nothing. */
  forget(holder: string): void {
    this.#write(this.entries().filter((one) => one.holder !== holder));
  }

  /** Forgets what was left in a namespace, which has been put right or is gone. */
  settle(context: string, gone: (namespace: string) => boolean): void {
    const open = this.entries();
    const left = open.filter((one) => one.context !== context || !gone(one.namespace));
    if (left.length < open.length) this.#write(left);
  }
}
