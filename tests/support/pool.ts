/** Things that take long to make, lent to one test at a time, so that tests can run side by side. */
export class Pool<T> {
  readonly #all: T[] = [];
  readonly #idle: T[] = [];
  readonly #waiting: ((one: T) => void)[] = [];

  /** Makes them side by side. */
  async fill(size: number, make: () => Promise<T>): Promise<void> {
    this.#all.push(...(await Promise.all(Array.from({ length: size }, make))));
    this.#idle.push(...this.#all);
  }

  /** One that nobody has; waits for it. @param ended is told how to give it back */
  async take(ended: (giveBack: () => void) => void): Promise<T> {
    const one = this.#idle.pop() ?? (await new Promise<T>((resolve) => this.#waiting.push(resolve)));
    ended(() => {
      const next = this.#waiting.shift();
      if (next) next(one);
      else this.#idle.push(one);
    });
    return one;
  }

  /** All of them, when the tests are over. */
  async drain(remove: (one: T) => Promise<void>): Promise<void> {
    await Promise.all(this.#all.map(remove));
  }
}
