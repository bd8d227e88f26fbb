// What an examination waits for at each moment, in words: for people who watch.

const shownMax = 3;

export class Waiting {
  readonly #now = new Map<number, string>();
  readonly #told: (line: string) => void;
  #next = 0;

  /** `told` hears of everything that begins. */
  constructor(told: (line: string) => void = () => undefined) {
    this.#told = told;
  }

  /** Resolves or rejects as `work` does. `what` is without secrets. */
  async for<T>(what: string, work: () => Promise<T>): Promise<T> {
    const id = this.#next++;
    this.#now.set(id, what);
    this.#told(what);
    try {
      return await work();
    } finally {
      this.#now.delete(id);
    }
  }

  /** The oldest first. */
  line(): string {
    const all = [...this.#now.values()];
    const more = all.length > shownMax ? ` and ${all.length - shownMax} more` : '';
    return all.length === 0 ? 'nothing' : all.slice(0, shownMax).join(', ') + more;
  }
}
