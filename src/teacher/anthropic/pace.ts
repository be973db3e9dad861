import { setTimeout as wait } from 'node:timers/promises'

const mostAtOnce = 16
/** How long after a refusal that only a person can mend nobody asks again; every caller meanwhile gets the same refusal. */
const closedMs = 10_000

/**
 * How many calls may be in flight to one endpoint: one more for a round of successes, half as many after a refusal for speed
 * (additive increase, multiplicative decrease), none before the time the provider named. Shared by all activities of a process.
 */
export class Pace {
  #limit = 4
  #inFlight = 0
  #notBefore = 0
  #closed: { error: Error; until: number } | undefined

  get limit(): number {
    return Math.floor(this.#limit)
  }

  /** Waits for a free place; the returned function gives it back. */
  async enter(signal: AbortSignal): Promise<() => void> {
    for (;;) {
      signal.throwIfAborted()
      if (this.#closed && performance.now() < this.#closed.until) throw this.#closed.error
      const rest = this.#notBefore - performance.now()
      if (rest <= 0 && this.#inFlight < this.limit) break
      await wait(Math.max(20, Math.min(rest, 500)), undefined, { signal })
    }
    this.#inFlight += 1
    let left = false
    return () => {
      if (!left) this.#inFlight -= 1
      left = true
    }
  }

  succeeded(): void {
    this.#limit = Math.min(mostAtOnce, this.#limit + 1 / this.#limit)
  }

  limited(afterMs: number): void {
    // The calls that were in flight together come back refused together: that is one refusal.
    if (performance.now() >= this.#notBefore) this.#limit = Math.max(1, this.#limit / 2)
    this.#notBefore = Math.max(this.#notBefore, performance.now() + afterMs)
  }

  close(error: Error): void {
    this.#closed = { error, until: performance.now() + closedMs }
  }
}

const paces = new Map<string, Pace>()

export function paceOf({ model, baseUrl }: { model: string; baseUrl?: string | undefined }): Pace {
  const name = JSON.stringify([baseUrl, model])
  const pace = paces.get(name) ?? new Pace()
  paces.set(name, pace)
  return pace
}
