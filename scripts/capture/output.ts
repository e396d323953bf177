import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** Bytes per block; an output below this is kept as it came. */
const BLOCK = 256 * 1024;
/** Fast rather than small: what kubectl and iptables print shrinks to a tenth at this level too. */
const LEVEL = { level: 1 };

/**
 * What a command printed, byte for byte. Nothing may be written to disk before it has been searched for secrets, so it
 * is kept in memory; full blocks are kept compressed, so that an output of 50 MB takes a few megabytes.
 */
export class Output {
  #packed: Buffer[] = [];
  #open = Buffer.alloc(0);
  #used = 0;
  #length = 0;

  /** An output with these bytes. */
  static of(bytes: Uint8Array | string): Output {
    const output = new Output();
    output.append(Buffer.from(bytes));
    return output;
  }

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  /** Adds bytes at the end; they are copied. */
  append(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, BLOCK - this.#used);
      this.#reserve(this.#used + count);
      bytes.copy(this.#open, this.#used, at, at + count);
      this.#used += count;
      this.#length += count;
      at += count;
      if (this.#used === BLOCK) {
        this.#packed.push(deflateRawSync(this.#open, LEVEL));
        this.#used = 0;
      }
    }
  }

  #reserve(size: number): void {
    if (this.#open.length >= size) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(BLOCK, Math.max(4096, size * 2)));
    this.#open.copy(larger, 0, 0, this.#used);
    this.#open = larger;
  }

  /** All bytes in order, in blocks. A block is only there until the next one is asked for: copy what is to be kept. */
  *blocks(): Generator<Buffer> {
    for (const packed of this.#packed) {
      const block = inflate(packed);
      yield block;
      release(block);
    }
    if (this.#used > 0) yield this.#open.subarray(0, this.#used);
  }

  /** The first block. */
  head(): Buffer {
    const first = this.#packed[0];
    return first === undefined ? this.#open.subarray(0, this.#used) : inflate(first);
  }

  /** The end: at least the last 64 KiB, or everything there is. */
  tail(): Buffer {
    const last = this.#open.subarray(0, this.#used);
    const before = this.#packed.at(-1);
    return before !== undefined && last.length < 64 * 1024 ? Buffer.concat([inflate(before), last]) : last;
  }

  /** The bytes from `start` up to but not including `end`, as an output of their own. */
  slice(start: number, end: number): Output {
    const part = new Output();
    let at = 0;
    for (const block of this.blocks()) {
      part.append(block.subarray(Math.max(0, start - at), Math.max(0, end - at)));
      at += block.length;
    }
    return part;
  }

  /** All bytes in one piece; for outputs that have to be parsed whole. */
  bytes(): Buffer {
    const whole = Buffer.allocUnsafeSlow(this.#length);
    let at = 0;
    for (const block of this.blocks()) at += block.copy(whole, at);
    return whole;
  }

  /** Decoded as UTF-8. */
  text(): string {
    return this.bytes().toString('utf8');
  }
}

function inflate(packed: Buffer): Buffer {
  // Room for more than comes, so that zlib is done in one piece and does not copy.
  return inflateRawSync(packed, { chunkSize: BLOCK + 1024 });
}

/**
 * Gives the memory of a buffer back now instead of at some later collection, which for hundreds of blocks in a row
 * comes too late. Only for a buffer that shares its memory with no other; what comes from Node's pool is left alone.
 */
export function release(buffer: Buffer): void {
  const { byteLength } = buffer.buffer;
  if (byteLength === buffer.length || byteLength > Buffer.poolSize) (buffer.buffer as ArrayBuffer).transfer(0);
}
