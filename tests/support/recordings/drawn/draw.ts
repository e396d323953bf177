import fc, { type GeneratorValue } from 'fast-check';

/** What a world is drawn with: every answer comes from the seed. */
export class Draw {
  readonly #value: GeneratorValue;

  constructor(value: GeneratorValue) {
    this.#value = value;
  }

  /** A whole number, both ends included. */
  int(min: number, max: number): number {
    // One arbitrary for all ranges: fast-check compares the arguments of each with those of all before it.
    return min + (this.#value(fc.nat) % (max - min + 1));
  }

  /** True in this share of the cases. */
  chance(share: number): boolean {
    return this.int(0, 999) < share * 1000;
  }

  /** One of a list that is not empty. */
  of<T>(list: readonly T[]): T {
    return list[this.int(0, list.length - 1)] as T;
  }

  /** One of several ways, each as likely as its weight among all. */
  way<T>(...ways: readonly (readonly [weight: number, make: () => T])[]): T {
    const lot = this.int(
      1,
      ways.reduce((sum, [weight]) => sum + weight, 0),
    );
    let passed = 0;
    for (const [weight, make] of ways) {
      passed += weight;
      if (lot <= passed) return make();
    }
    throw new Error('no way to draw from');
  }

  /** As many of a list, in any order. */
  some<T>(list: readonly T[], count: number): T[] {
    const left = [...list];
    return Array.from({ length: count }, () => left.splice(this.int(0, left.length - 1), 1)[0] as T);
  }

  /** As many characters of an alphabet. */
  text(alphabet: string, length: number): string {
    return Array.from({ length }, () => this.of([...alphabet])).join('');
  }

  /** As many things as a number from a range says. */
  list<T>(min: number, max: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.int(min, max) }, (_, index) => make(index));
  }
}
