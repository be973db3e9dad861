/** `file:line: message`, where the reader's own messages name the place already (with the whole path and the column). */
export function goldenProblem(file: string, line: number, message: string): string {
  const at = message.indexOf(`${file}:${line}:`)
  return at >= 0 ? message.slice(at) : `${file}:${line}: ${message}`
}
