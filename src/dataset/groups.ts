/** Disjoint sets over row indices (union-find with path halving). */
export class Groups {
  readonly #parent: Uint32Array
  readonly #size: Uint32Array
  readonly #rows: readonly number[]

  /** @param count one more than the largest index; @param rows the indices that take part */
  constructor(count: number, rows: readonly number[]) {
    this.#parent = new Uint32Array(count)
    for (let index = 0; index < count; index++) this.#parent[index] = index
    this.#size = new Uint32Array(count).fill(1)
    this.#rows = rows
  }

  of(index: number): number {
    const parent = this.#parent
    while (parent[index] !== index) {
      parent[index] = parent[parent[index]!]!
      index = parent[index]!
    }
    return index
  }

  /** Joins two groups unless the result would hold more than `cap` rows. */
  joinUpTo(a: number, b: number, cap = Number.POSITIVE_INFINITY): boolean {
    const x = this.of(a)
    const y = this.of(b)
    if (x === y) return true
    const size = this.#size[x]! + this.#size[y]!
    if (size > cap) return false
    // The smaller index leads, so that the result does not depend on the order of joins.
    const [root, child] = x < y ? [x, y] : [y, x]
    this.#parent[child] = root
    this.#size[root] = size
    return true
  }

  joinByKey(keyOf: (index: number) => string): void {
    const first = new Map<string, number>()
    for (const index of this.#rows) {
      const key = keyOf(index)
      const other = first.get(key)
      if (other === undefined) first.set(key, index)
      else this.joinUpTo(other, index)
    }
  }

  /** Every group with its rows, in row order. */
  members(): number[][] {
    return [...Map.groupBy(this.#rows, (index) => this.of(index)).values()]
  }
}
