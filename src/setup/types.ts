/** One line of progress while something is being set up; a screen shows the newest per `part`. */
export type SetupProgress = {
  part: 'python' | 'temporal' | 'llama.cpp' | 'server'
  message: string
  /** Of how many pieces (packages, files) how many are there; absent where nobody can know. */
  done?: number
  of?: number
  /** The part is ready; `seconds` says how long it took (0 when it was there already). */
  ready?: boolean
  seconds?: number
}

export type SetupOptions = {
  onProgress?: (progress: SetupProgress) => void
  signal?: AbortSignal
}
