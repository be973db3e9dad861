/** Things of which each serves one use at a time; who finds none free waits, the longest first. */
export class Pool<T> {
  readonly #items: readonly T[]
  readonly #free: Set<T>
  readonly #waiting: ((item: T) => void)[] = []

  constructor(items: readonly T[]) {
    this.#items = items
    this.#free = new Set(items)
  }

  /** With the first of the free ones, in the order given: who uses one after the other always has the first. */
  async use<R>(use: (item: T) => Promise<R>): Promise<R> {
    const item = this.#take() ?? (await new Promise<T>((ready) => this.#waiting.push(ready)))
    try {
      return await use(item)
    } finally {
      const next = this.#waiting.shift()
      if (next) next(item)
      else this.#free.add(item)
    }
  }

  #take(): T | undefined {
    const item = this.#items.find((one) => this.#free.has(one))
    if (item !== undefined) this.#free.delete(item)
    return item
  }
}

/** Maps with at most `width` at the same time, in order. */
export async function mapWide<T, R>(items: readonly T[], width: number, map: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await map(items[index]!, index)
  }))
  return results
}
