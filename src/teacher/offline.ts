import { setImmediate } from 'node:timers/promises'
import type { Teacher } from './teacher.ts'

/** The embedded default: the family's own grammar writes the rows; no network, no key, the same rows for the same seed. */
export const offline: Teacher = {
  async write({ family, schema, briefs, seed, signal, onProgress }) {
    const rows = []
    for (const brief of briefs) {
      rows.push({ ...family.writeOffline(schema, brief, seed), id: brief.key })
      if (rows.length % 100 === 0) {
        // The worker's heartbeats go on between two hundreds.
        await setImmediate()
        signal.throwIfAborted()
        onProgress({ done: rows.length })
      }
    }
    return { rows, dollars: 0 }
  },
}
