/** What every station's function takes beside its options. */
export interface Hooks {
  onProgress?: ((progress: { message: string; step: number; steps: number }) => void) | undefined
  signal?: AbortSignal | undefined
}

/** Lets timers, heartbeats and signals through in a long synchronous loop. @throws the signal's reason once it is aborted */
export async function breathe({ signal }: Hooks): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  signal?.throwIfAborted()
}

/** Runs `visit` for 0 … count − 1, reporting and breathing every `every` items. */
export async function eachWithProgress(message: string, count: number, hooks: Hooks, visit: (index: number) => void, every = 4096): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (index % every === 0) {
      hooks.onProgress?.({ message, step: index, steps: count })
      await breathe(hooks)
    }
    visit(index)
  }
  hooks.onProgress?.({ message, step: count, steps: count })
}
