import { basename } from 'node:path'

/** What a batch is called. */
interface Named {
  /** By itself. */
  id?: string | undefined
  file: string
}

const exact = (name: string): string => name.trim().toLowerCase()
const stem = (name: string): string => basename(exact(name)).replace(/\.json$/, '')

/** Words that say of any batch that it is one. */
const idle = new Set(['batch', 'batches', 'email', 'emails', 'mail', 'mails', 'thread', 'file', 'analysis'])

/** The name without these, with one sign between words and no zeros before numbers: "email_batch_0012", "Batch 12" and "12" are one. */
const loose = (name: string): string => exact(name).split(/[^\p{L}\p{N}]+|(?<=batch)(?=\d)/u).filter((word) => word !== '' && !idle.has(word)).map((word) => word.replace(/^0+(?=\d+$)/, '')).join('-')

/** The number of a name: the one behind "batch", or the only one where all else is words. A date has none, nor has a hash. */
export function numberOf(name: string): string | undefined {
  const found = /batch[\s_#-]*0*(\d+)(?![-.]?\d)/.exec(stem(name)) ?? /^(?:\p{L}{3,}[\s_.#:-]+)*(?:\p{L}{3,})?0*(\d+)(?:[\s_.-]+\p{L}{3,})*$/u.exec(stem(name))
  return found?.[1]
}

/** Ways to tell a batch, the surest first: what is looked up of it, and of a name that an analysis gives. */
const ways: { of: (batch: Named) => string | undefined; by: (name: string) => string | undefined }[] = [
  { of: ({ id }) => id && exact(id), by: exact },
  { of: ({ file }) => stem(file), by: stem },
  { of: ({ id }) => id && loose(id), by: loose },
  { of: ({ file }) => loose(stem(file)), by: (name) => loose(stem(name)) },
  { of: ({ id }) => id && numberOf(id), by: numberOf },
  { of: ({ file }) => numberOf(file), by: numberOf },
]

/** Batches by what analyses call them. */
export class BatchIndex<B extends Named> {
  /** By way and name; null: more than one batch is called so. */
  readonly #known = ways.map(() => new Map<string, B | null>())

  add(batch: B): void {
    for (const [i, { of }] of ways.entries()) {
      const name = of(batch)
      if (name) this.#known[i]!.set(name, this.#known[i]!.has(name) ? null : batch)
    }
  }

  /** The batch that one of these names tells by the surest way; undefined where none does, or only together with others. */
  find(names: readonly string[]): B | undefined {
    for (const [i, { by }] of ways.entries()) {
      for (const name of names) {
        const key = by(name)
        const batch = key && this.#known[i]!.get(key)
        if (batch) return batch
      }
    }
    return undefined
  }
}
