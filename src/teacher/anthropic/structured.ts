/** Endpoints that refused structured output, and those that took it; llama.cpp and Ollama speak the Messages API without it. */
const known = new Map<string, boolean>()
const name = ({ model, baseUrl }: { model: string; baseUrl?: string | undefined }) => JSON.stringify([baseUrl, model])

type Of = { model: string; baseUrl?: string | undefined }

export const asksStructured = (endpoint: Of) => known.get(name(endpoint)) ?? true

export const tookStructured = (endpoint: Of) => void known.set(name(endpoint), true)

/** After a refused request: true when asking in plain words is worth a try. Calls that were in flight together all may. */
export function refusedStructured(endpoint: Of, structured: boolean): boolean {
  if (!structured || known.get(name(endpoint)) === true) return false
  known.set(name(endpoint), false)
  return true
}
